import type { ServiceAccount } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { annotationWarnings } from './deprecated.ts';

const mountable = 'kubernetes.io/enforce-mountable-secrets';

/** Service accounts (upstream: pkg/registry/core/serviceaccount). */
export const serviceAccountStrategy = defineStrategy<ServiceAccount>({
  deleteReturnsObject: true,
  warnings: ({ metadata }, old) =>
    old?.metadata.annotations?.[mountable] === undefined
      ? annotationWarnings(metadata.annotations, {
          [mountable]: 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
        })
      : [],
});
