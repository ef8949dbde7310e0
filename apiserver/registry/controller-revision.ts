import { nonNegative, required } from '@skiff/api/causes';
import type { ControllerRevision } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateImmutable } from './immutable.ts';

/** What a StatefulSet or DaemonSet was like at some time (upstream: pkg/registry/apps/controllerrevision). */
export const controllerRevisionStrategy = defineStrategy<ControllerRevision>({
  validate: ({ data, revision }) => [
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
    ...nonNegative('revision', revision),
  ],
  validateUpdate: ({ data }, old) => validateImmutable(data, old.data, 'data'),
});
