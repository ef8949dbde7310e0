import type { Node, Pod } from '@skiff/api/types';

/** Amounts by resource name; CPU in cores, the others in bytes or pieces. */
export type Resources = ReadonlyMap<string, number>;

const units: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity as a number; 0 for what is none, which the API server doesn't let through. */
function amount(quantity: string): number {
  const [, number = '', unit = ''] = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(quantity) ?? [];
  const value = Number(number) * (units[unit] ?? 0);
  // Thousandths of thousandths don't count, the rounding errors of adding up binary fractions would.
  return Math.round(value * 1e6) / 1e6;
}

const read = (quantities: Record<string, string> | undefined): Map<string, number> =>
  new Map(Object.entries(quantities ?? {}).map(([name, quantity]) => [name, amount(quantity)]));

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
