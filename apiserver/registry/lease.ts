import { invalidValue } from '@skiff/api/causes';
import type { Lease } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';

/** Leases (upstream: pkg/registry/coordination/lease). */
export const leaseStrategy = defineStrategy<Lease>({
  updateCreates: true,
  updateNeedsVersion: true,
  // Leases that are given to one of several candidates are a feature that is off by default.
  prepareForCreate({ spec }) {
    delete spec?.strategy;
    delete spec?.preferredHolder;
  },
  prepareForUpdate({ spec }, old) {
    if (old.spec?.strategy === undefined) delete spec?.strategy;
    if (old.spec?.preferredHolder === undefined) delete spec?.preferredHolder;
  },
  validate({ spec }) {
    const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec ?? {};
    return [
      ...(seconds !== undefined && seconds <= 0
        ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
        : []),
      ...(transitions !== undefined && transitions < 0
        ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
        : []),
    ];
  },
});
