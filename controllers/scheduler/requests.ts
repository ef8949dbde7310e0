import { Quantity } from '@skiff/api/quantity';
import type { Node, Pod } from '@skiff/api/types';

/** Whole amounts by resource name: CPU in thousandths of a core, the others in bytes or pieces; rounded up. */
export type Resources = ReadonlyMap<string, number>;

function amount(resource: string, quantity: string): number {
  const parsed = Quantity.parse(quantity);
  return Number(resource === 'cpu' ? parsed.toMilli() : parsed.toBigInt());
}

const read = (quantities: Record<string, string> | undefined): Map<string, number> =>
  new Map(Object.entries(quantities ?? {}).map(([name, quantity]) => [name, amount(name, quantity)]));

const add = (a: Resources, b: Resources): Map<string, number> => combine(a, b, (x, y) => x + y);
const larger = (a: Resources, b: Resources): Map<string, number> => combine(a, b, Math.max);

function combine(a: Resources, b: Resources, how: (x: number, y: number) => number): Map<string, number> {
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, how(a.get(name) ?? 0, b.get(name) ?? 0)]));
}

/** What a node has for Pods. */
export const allocatable = (node: Node): Resources => read(node.status?.allocatable ?? node.status?.capacity);

/**
 * What a Pod takes of a node, `pods: 1` included: its containers and sidecars together, or the largest of the init
 * containers (each with the sidecars that started before it) where that is more.
 */
export function podRequests(pod: Pod): Resources {
  let sidecars: Resources = new Map();
  let start: Resources = new Map();
  for (const container of pod.spec?.initContainers ?? []) {
    const requests = read(container.resources?.requests);
    if (container.restartPolicy === 'Always') sidecars = add(sidecars, requests);
    else start = larger(start, add(sidecars, requests));
  }
  let run = sidecars;
  for (const container of pod.spec?.containers ?? []) run = add(run, read(container.resources?.requests));
  return add(add(larger(start, run), read(pod.spec?.overhead)), new Map([['pods', 1]]));
}
