import type { Kind } from '@skiff/api/kinds';
import type { Strategy } from '../registry/strategy.ts';
import { applyLimitDefaults, checkLimits } from './limit-ranges.ts';
import type { ResourceQuotas } from './resource-quotas.ts';

const limited = new Set(['Pod', 'PersistentVolumeClaim']);

/** A kind's strategy with the bounds that namespaces set: limit ranges and quotas. */
export function admitted(kind: Kind, strategy: Strategy, { quotas }: { readonly quotas: ResourceQuotas }): Strategy {
  if (!kind.namespaced) return strategy;
  return {
    ...strategy,
    admit(object, old, context) {
      if (!old && kind.kind === 'Pod' && context.subresource === '') applyLimitDefaults(object, context);
      strategy.admit?.(object, old, context);
    },
    bound(object, old, context) {
      if (limited.has(kind.kind) && (!old || kind.kind !== 'Pod')) checkLimits(kind, object, context);
      strategy.bound?.(object, old, context);
      return context.subresource === '' ? quotas.reserve(kind, object, old, context) : undefined;
    },
    async afterWrite(written, context) {
      await strategy.afterWrite?.(written, context);
      await quotas.settle(kind, written, context);
    },
  };
}
