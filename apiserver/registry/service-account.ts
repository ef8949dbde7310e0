import type { ServiceAccount } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

/** Service accounts (upstream: pkg/registry/core/serviceaccount). */
export const serviceAccountStrategy = defineStrategy<ServiceAccount>({ deleteReturnsObject: true });
