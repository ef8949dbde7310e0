import type { ResourceQuota } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';
import { validateQuotaChange, validateQuotaSpec, validateQuotaStatus } from './validation.ts';

/** Upstream: pkg/registry/core/resourcequota. Quotas have no generation. */
export const resourceQuotaStrategy = defineStrategy<ResourceQuota>({
  deleteReturnsObject: true,
  prepareForCreate(quota) {
    delete quota.status;
  },
  prepareForUpdate(quota, old, { subresource }) {
    if (subresource === 'status') keepSpec(quota, old);
    else keepStatus(quota, old);
  },
  validate: (quota, { subresource }) =>
    subresource === 'status' ? validateQuotaStatus(quota) : validateQuotaSpec(quota),
  validateUpdate: (quota, old, { subresource }) => (subresource === 'status' ? [] : validateQuotaChange(quota, old)),
});
