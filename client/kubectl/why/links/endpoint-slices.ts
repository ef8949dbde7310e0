import type { Link } from '../link.ts';
import { broken, ok, type Verdict, warning } from '../verdict.ts';
import {
  count,
  few,
  hasSelector,
  isExternalName,
  isHeadless,
  kubectl,
  portsOf,
  portText,
  servingPods,
  targetPortIn,
  type World,
} from '../world.ts';

/** Are the Pods in an EndpointSlice, with the right ports, and nobody else? */
export const endpointSlicesLink: Link = {
  name: 'endpoint slices',
  needs: ['selector', 'target ports'],
  applies: (world) => !isExternalName(world),
  check(world) {
    const there = readyAddresses(world);
    if (!hasSelector(world)) return byHand(world, there);
    const wanted = new Map<string, string>();
    for (const pod of servingPods(world)) {
      const ip = pod.status?.podIP ?? '';
      for (const port of portsOf(world))
        wanted.set(`${portText(port)} ${ip}:${targetPortIn(pod, port)}`, pod.metadata.name);
      if (portsOf(world).length === 0 && isHeadless(world)) wanted.set(` ${ip}`, pod.metadata.name);
    }
    const missing = [...wanted].filter(([address]) => !there.has(address));
    const stale = [...there].filter((address) => !wanted.has(address));
    const look = kubectl(world, `describe endpointslices -l kubernetes.io/service-name=${world.name}`);
    if (missing.length > 0) {
      return broken(
        `${count(new Set(missing.map(([, pod]) => pod)).size, 'Ready Pod')} missing from the EndpointSlices`,
        {
          evidence: missing.slice(0, 4).map(([address, pod]) => `pod/${pod} is not there as ${address.trim()}`),
          mend: ['skiff status    # is "controllers" running?', look],
        },
      );
    }
    if (stale.length > 0) {
      return warning(
        `the EndpointSlices hold ${count(stale.length, 'address')} that no Ready Pod has`.replace(
          'addresss',
          'addresses',
        ),
        {
          evidence: [
            few(
              stale.map((one) => one.trim()),
              4,
            ),
          ],
          mend: [look],
        },
      );
    }
    if (there.size === 0) return broken('no endpoint is ready', { mend: [look] });
    return ok(`${count(world.slices.length, 'slice')}, ${count(there.size, 'ready endpoint')}`);
  },
};

/** `PORT ADDRESS:NUMBER` of all that traffic may go to. */
function readyAddresses(world: World): Set<string> {
  const found = new Set<string>();
  for (const { ports, endpoints } of world.slices) {
    for (const { addresses, conditions } of endpoints ?? []) {
      if (conditions?.ready === false) continue;
      for (const address of addresses) {
        if (!ports?.length) found.add(` ${address}`);
        for (const { name, port } of ports ?? []) {
          const own = portsOf(world).find((one) => (one.name ?? '') === (name ?? ''));
          if (own) found.add(`${portText(own)} ${address}:${port}`);
        }
      }
    }
  }
  return found;
}

function byHand({ slices }: World, there: ReadonlySet<string>): Verdict {
  if (there.size > 0) return ok(`${count(there.size, 'endpoint')} written by hand`);
  const names = new Set(slices.flatMap(({ ports }) => (ports ?? []).map(({ name }) => name ?? '')));
  return broken('no endpoint is ready for any of its ports', {
    evidence:
      slices.length === 0
        ? ['there is no EndpointSlice with the label kubernetes.io/service-name']
        : [`port names of the slices: ${[...names].map((name) => JSON.stringify(name)).join(', ')}`],
  });
}
