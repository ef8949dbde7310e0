import { Quantity } from '@skiff/api/quantity';
import type { Pod } from '@skiff/api/types';

export type Amounts = ReadonlyMap<string, Quantity>;

type Requirements = 'requests' | 'limits';

/** What a Pod asks for in all: its containers together, or an init container where that needs more ("Resource Management"). */
export function podAmounts({ spec }: Pod): Record<Requirements, Amounts> {
  const of = (which: Requirements): Amounts => {
    const sums = new Map<string, Quantity>();
    const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    for (const { resources } of [...(spec?.containers ?? []), ...sidecars]) {
      for (const [name, amount] of Object.entries(resources?.[which] ?? {})) {
        sums.set(name, (sums.get(name) ?? Quantity.zero).add(Quantity.parse(amount)));
      }
    }
    for (const { resources, restartPolicy } of spec?.initContainers ?? []) {
      if (restartPolicy === 'Always') continue;
      for (const [name, amount] of Object.entries(resources?.[which] ?? {})) {
        const wanted = Quantity.parse(amount);
        if ((sums.get(name) ?? Quantity.zero).compare(wanted) < 0) sums.set(name, wanted);
      }
    }
    return sums;
  };
  return { requests: of('requests'), limits: of('limits') };
}
