import { parseIpv4Range } from '@skiff/api/ip';
import type { ServiceCIDR } from '@skiff/api/types';
import type { Caches } from '../../watch/caches.ts';

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** The lower part of a range is for values that people choose; the server takes from the upper part first (KEP-3070, KEP-3668). */
export function bands({ first, last }: Range, reserved: number): readonly Range[] {
  return [
    { first: first + reserved, last },
    { first, last: first + reserved - 1 },
  ];
}
export const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(Math.floor(value), least), most);

/** A range without the network's own address and its broadcast address, and its two bands. */
function usable(cidr: string): { readonly range: Range; readonly bands: readonly Range[] } | undefined {
  const parsed = parseIpv4Range(cidr);
  if (!parsed || parsed.size < 4) return undefined;
  const { first, size } = parsed;
  const range = { first: first + 1, last: first + size - 2 };
  return { range, bands: bands(range, Math.min(clamp(size / 16, 16, 256), size - 2)) };
}

type Usable = NonNullable<ReturnType<typeof usable>>;

const isReady = ({ metadata, status }: ServiceCIDR): boolean =>
  !metadata.deletionTimestamp &&
  (status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

/** Where cluster IPs come from: the range that the server was started with, and the ServiceCIDRs that are ready (KEP-1880). */
export class AddressRanges {
  readonly cidr: string;
  readonly #own: Usable;
  readonly #others = new Map<string, readonly Usable[]>();

  constructor({ serviceCIDR, caches }: { serviceCIDR: string; caches: Caches }) {
    const own = usable(serviceCIDR);
    if (!own || own.range.last - own.range.first < 5) {
      throw new Error(`"${serviceCIDR}" is no range of IPv4 addresses for Services`);
    }
    this.cidr = serviceCIDR;
    this.#own = own;
    const cache = caches.of({ group: 'networking.k8s.io', plural: 'servicecidrs' });
    const follow = (object: ServiceCIDR, gone: boolean): void => {
      const { name } = object.metadata;
      if (gone || !isReady(object)) this.#others.delete(name);
      else
        this.#others.set(
          name,
          (object.spec?.cidrs ?? []).flatMap((cidr) => usable(cidr) ?? []),
        );
    };
    // The cache of ServiceCIDRs holds ServiceCIDRs.
    for (const { object } of cache.list().items) follow(object as unknown as ServiceCIDR, false);
    cache.subscribe({
      onEvent: ({ type, current }) => follow(current.object as unknown as ServiceCIDR, type === 'DELETED'),
      onGone: () => undefined,
    });
  }

  /** In the order in which to take from them. */
  bands(): readonly Range[] {
    return this.#all().flatMap((one) => one.bands);
  }

  has(address: number): boolean {
    return this.#all().some(({ range }) => address >= range.first && address <= range.last);
  }

  #all(): readonly Usable[] {
    return [this.#own, ...[...this.#others.values()].flat()];
  }
}
