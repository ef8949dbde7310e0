import type { Pod } from '../types.ts';
import { type Amounts, larger, plus, readAmounts } from './amounts.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];

/**
 * What a Pod asks for (or may use at most) as a whole: its containers and sidecars together, or the largest of the init
 * containers where that is more; what it says of itself counts before that.
 */
export function podAmounts({ spec }: Pod, list: 'requests' | 'limits'): Amounts {
  const of = (container: Container): Amounts => readAmounts(container.resources?.[list]);
  let sidecars: Amounts = new Map();
  let start: Amounts = new Map();
  for (const container of spec?.initContainers ?? []) {
    if (container.restartPolicy === 'Always') sidecars = plus(sidecars, of(container));
    else start = larger(start, plus(sidecars, of(container)));
  }
  const run = (spec?.containers ?? []).reduce((sum, container) => plus(sum, of(container)), sidecars);
  const together = new Map([...larger(start, run), ...readAmounts(spec?.resources?.[list])]);
  return plus(together, readAmounts(spec?.overhead));
}
