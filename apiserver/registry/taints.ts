import { duplicate, invalidBy, notSupported, required } from '@skiff/api/causes';
import { labelValue, qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Node } from '@skiff/api/types';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Upstream: validateNodeTaints in pkg/apis/core/validation. */
export function validateTaints(node: Node, root: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const seen = new Set<string>();
  for (const [index, { key, value, effect }] of (node.spec?.taints ?? []).entries()) {
    const field = `${root}[${index}]`;
    causes.push(...invalidBy(qualifiedName, `${field}.key`, key ?? ''));
    if (value) causes.push(...invalidBy(labelValue, `${field}.value`, value));
    if (!effect) causes.push(required(`${field}.effect`));
    else if (!taintEffects.includes(effect)) causes.push(notSupported(`${field}.effect`, effect, taintEffects));
    const identity = `${key} ${effect}`;
    if (seen.has(identity))
      causes.push(duplicate(field, { key, value, effect }, 'taints must be unique by key and effect pair'));
    seen.add(identity);
  }
  return causes;
}
