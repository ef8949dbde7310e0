import type { EndpointSlice, Service } from '@skiff/api/types';
import type { Answer } from 'dns-packet';
import { type ClusterName, parseClusterName } from './cluster-name.ts';
import type { ClusterView } from './cluster-view.ts';
import { isPrivateReverse, reverseAddress } from './reverse-name.ts';
import type { DnsSettings } from './settings.ts';

/** One place that a name leads to. */
interface Target {
  readonly ip: string;
  /** Absent where a headless Service has no ports. */
  readonly port?: number;
  /** The name that stands for this place alone. */
  readonly name: string;
}

export type ZoneAnswer =
  | {
      readonly type: 'found';
      /** Empty: the name exists, with nothing of this type (NODATA). */
      readonly answers: readonly Answer[];
      readonly additionals?: readonly Answer[];
    }
  | { readonly type: 'no such name' }
  /** A name of another server's, which this one stands for: the rest of the answer is there. */
  | { readonly type: 'alias'; readonly target: string }
  | { readonly type: 'not ours' };

type Found = Extract<ZoneAnswer, { type: 'found' }>;

const nothing: Found = { type: 'found', answers: [] };
const noSuchName: ZoneAnswer = { type: 'no such name' };

/** The cluster's names, as CoreDNS answers them with `pods insecure`. */
export class ClusterZone {
  readonly domain: string;
  /** Seconds that clients may keep an answer. */
  readonly ttl: number;
  readonly #podNames: boolean;
  readonly #view: ClusterView;

  constructor(options: { view: ClusterView } & Pick<DnsSettings, 'domain' | 'ttl' | 'podNames'>) {
    this.domain = options.domain.toLowerCase();
    this.ttl = options.ttl;
    this.#podNames = options.podNames;
    this.#view = options.view;
  }

  /** `name` as it was asked for, in any case; records of the answer carry it. */
  answer(name: string, type: string): ZoneAnswer {
    const lower = name.toLowerCase().replace(/\.$/, '');
    const ip = reverseAddress(lower);
    if (ip !== undefined) return this.#reverse(name, type, ip);
    if (lower !== this.domain && !lower.endsWith(`.${this.domain}`))
      return isPrivateReverse(lower) ? noSuchName : { type: 'not ours' };
    const labels = lower.slice(0, -this.domain.length).split('.').filter(Boolean);
    const special = this.#special(name, type, labels.join('.'));
    if (special !== undefined) return special;
    const parsed = parseClusterName(labels);
    return parsed === undefined ? noSuchName : this.#forward(name, type, parsed);
  }

  /** The SOA record that tells how long a negative answer holds (RFC 2308). */
  authority(): Answer {
    const data = {
      mname: `ns.dns.${this.domain}`,
      rname: `hostmaster.${this.domain}`,
      serial: Math.floor(Date.now() / 1000),
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: this.ttl,
    };
    return { name: this.domain, type: 'SOA', ttl: this.ttl, data };
  }

  /** The names that are there in every cluster: the zone's own, its server's, and the version of the specification. */
  #special(name: string, type: string, labels: string): Found | undefined {
    const { ttl } = this;
    const found = (...answers: Answer[]): Found => ({ type: 'found', answers });
    const server = `ns.dns.${this.domain}`;
    if (labels === '' && type === 'SOA') return found(this.authority());
    if (labels === '' && type === 'NS')
      return { ...found({ name, type, ttl, data: server }), additionals: this.#server(server) };
    if (labels === 'dns-version') return type === 'TXT' ? found({ name, type, ttl, data: '1.1.0' }) : nothing;
    if (labels === 'ns.dns') return type === 'A' ? found(...this.#server(name)) : nothing;
    return undefined;
  }

  /** The address of the Service that this server stands behind. */
  #server(name: string): Answer[] {
    const data = this.#view.service('kube-system', 'kube-dns')?.spec?.clusterIP;
    return data && data !== 'None' ? [{ name, type: 'A', ttl: this.ttl, data }] : [];
  }

  #forward(name: string, type: string, asked: ClusterName): ZoneAnswer {
    if (asked.namespace !== undefined && !this.#view.hasNamespace(asked.namespace)) return noSuchName;
    if (asked.type === 'empty') return nothing;
    if (asked.type === 'pod') return this.#podNames ? this.#addresses(name, type, [asked.ip]) : noSuchName;
    const service = this.#view.service(asked.namespace, asked.service);
    if (service === undefined) return noSuchName;
    if (service.spec?.type === 'ExternalName') {
      const isWhole = asked.endpoint === undefined && asked.port === undefined;
      const target = service.spec.externalName;
      return isWhole && target ? { type: 'alias', target: target.replace(/\.$/, '') } : noSuchName;
    }
    const targets = this.#targets(service, asked);
    if (targets.length === 0) return noSuchName;
    if (type === 'SRV') return this.#services(name, targets);
    const ips = targets.map(({ ip }) => ip);
    return this.#addresses(name, type, ips);
  }

  #targets(service: Service, asked: Extract<ClusterName, { type: 'service' }>): Target[] {
    const { clusterIP, ports = [] } = service.spec ?? {};
    const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${this.domain}`;
    const isWanted = (port: { name?: string; protocol?: string }): boolean =>
      asked.port === undefined ||
      (port.name?.toLowerCase() === asked.port && (port.protocol ?? 'TCP').toLowerCase() === asked.protocol);
    if (clusterIP && clusterIP !== 'None' && asked.endpoint === undefined)
      return ports.filter(isWanted).map(({ port }) => ({ ip: clusterIP, port, name: base }));
    const slices = this.#view.slices(asked.namespace, asked.service);
    return slices.flatMap((slice) =>
      readyAddresses(slice)
        .filter(({ label }) => asked.endpoint === undefined || label === asked.endpoint)
        .flatMap(({ ip, label }) => {
          const place = { ip, name: `${label}.${base}` };
          // A headless Service without ports has addresses all the same.
          if (!slice.ports?.length) return asked.port === undefined ? [place] : [];
          return slice.ports.filter(isWanted).map(({ port }) => ({ ...place, ...(port && { port }) }));
        }),
    );
  }

  #reverse(name: string, type: string, ip: string): ZoneAnswer {
    const service = this.#view.serviceByIP(ip);
    const slices = service ? [] : this.#view.slicesByIP(ip);
    const names = service
      ? [`${service.metadata.name}.${service.metadata.namespace}`]
      : slices.flatMap((slice) => {
          const owner = slice.metadata.labels?.['kubernetes.io/service-name'];
          const found = readyAddresses(slice).find((address) => address.ip === ip);
          return owner && found ? [`${found.label}.${owner}.${slice.metadata.namespace}`] : [];
        });
    if (names.length === 0) return isPrivateReverse(name.toLowerCase()) ? noSuchName : { type: 'not ours' };
    if (type !== 'PTR') return nothing;
    const data = [...new Set(names)].map((first) => `${first}.svc.${this.domain}`);
    return { type: 'found', answers: data.map((target) => ({ name, type: 'PTR', ttl: this.ttl, data: target })) };
  }

  /** A different one first each time, as clients take the first. */
  #addresses(name: string, type: string, ips: readonly string[]): Found {
    if (type !== 'A') return nothing;
    const each = [...new Set(ips)];
    const first = Math.floor(Math.random() * each.length);
    const rotated = [...each.slice(first), ...each.slice(0, first)];
    return { type: 'found', answers: rotated.map((data) => ({ name, type: 'A', ttl: this.ttl, data })) };
  }

  #services(name: string, targets: readonly Target[]): Found {
    const { ttl } = this;
    const withPort = targets.flatMap(({ port, name: target }) => (port === undefined ? [] : [{ port, target }]));
    const weight = Math.floor(100 / Math.max(withPort.length, 1));
    const seen = new Map(targets.map((target) => [`${target.name} ${target.ip}`, target]));
    return {
      type: 'found',
      answers: withPort.map((place) => ({ name, type: 'SRV', ttl, data: { priority: 0, weight, ...place } })),
      additionals: [...seen.values()].map(({ ip, name: owner }) => ({ name: owner, type: 'A', ttl, data: ip })),
    };
  }
}

function readyAddresses(slice: EndpointSlice): { ip: string; label: string }[] {
  if (slice.addressType !== 'IPv4') return [];
  const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  return ready.flatMap(({ addresses: ips, hostname }) =>
    ips.map((ip) => ({ ip, label: hostname?.toLowerCase() || ip.replaceAll('.', '-') })),
  );
}
