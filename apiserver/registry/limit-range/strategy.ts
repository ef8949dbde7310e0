import type { LimitRange } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { validateLimitRange } from './validation.ts';

/** A container that says nothing gets the most, and asks for what it gets, or else for the least. */
function setDefaults({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    item.default = { ...item.max, ...item.default };
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest };
  }
}

/** Upstream: pkg/registry/core/limitrange. */
export const limitRangeStrategy = defineStrategy<LimitRange>({ default: setDefaults, validate: validateLimitRange });
