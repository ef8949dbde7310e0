import { invalidValue } from '@skiff/api/causes';
import { ipv4ToNumber, numberToIpv4 } from '@skiff/api/ip';
import { internalError, invalid, type StatusCause } from '@skiff/api/status';
import type { Service } from '@skiff/api/types';
import type { Caches } from '../../watch/caches.ts';
import type { Reservation } from '../strategy.ts';
import { AddressRanges, bands, clamp, type Range } from './address-ranges.ts';
import { Claims } from './claims.ts';
import { fillIpFamilies } from './ip-families.ts';
import { isHeadless, needsClusterIp, needsHealthCheckNodePort, needsNodePorts, type ServiceSpec } from './needs.ts';

const portTaken = 'provided port is already allocated';

/**
 * Gives Services their cluster IPs and node ports. What is taken is read from the Services in the cache, so there is nothing
 * to rebuild, repair or give back: a Service that is gone holds nothing.
 */
export class ServiceAllocator {
  readonly #addresses: AddressRanges;
  readonly #portRange: Range;
  readonly #ports: readonly Range[];
  readonly #addressClaims = new Claims<number>();
  readonly #portClaims = new Claims<number>();

  constructor(options: { serviceCIDR: string; nodePortRange: string; caches: Caches }) {
    this.#addresses = new AddressRanges(options);
    const [first = Number.NaN, last = Number.NaN] = options.nodePortRange.split('-').map(Number);
    if (!(first > 0 && last >= first && last < 65_536))
      throw new Error(`"${options.nodePortRange}" is no range of ports`);
    this.#portRange = { first, last };
    const size = last - first + 1;
    this.#ports = bands(this.#portRange, size < 16 ? 0 : clamp(size / 32, 16, 128));
    this.#follow(options.caches);
  }

  #follow(caches: Caches): void {
    const cache = caches.of({ group: '', plural: 'services' });
    const hold = (service: Service, gone: boolean): void => {
      const { uid = '' } = service.metadata;
      const spec = gone ? {} : (service.spec ?? {});
      this.#addressClaims.hold(uid, addressesOf(spec));
      this.#portClaims.hold(uid, portsOf(spec));
    };
    // The cache of Services holds Services.
    for (const { object } of cache.list().items) hold(object as unknown as Service, false);
    cache.subscribe({
      onEvent: ({ type, current }) => hold(current.object as unknown as Service, type === 'DELETED'),
      onGone: () => undefined,
    });
  }

  /**
   * Takes what the Service asks for and what it needs, and writes it into the Service. Throws 422, or 500 where there is nothing to
   * give, having taken nothing.
   */
  reserve(service: Service, old?: Service): Reservation {
    const taken: (() => void)[] = [];
    const release = (): void => {
      for (const giveBack of taken) giveBack();
    };
    try {
      const causes = this.#fill(service, old, taken);
      if (causes.length) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, causes);
      return { release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #fill(service: Service, old: Service | undefined, taken: (() => void)[]): StatusCause[] {
    const { uid = '' } = service.metadata;
    const spec = service.spec ?? {};
    const families = fillIpFamilies(spec, old?.spec);
    if (families.length) return families;
    // An address that was given stays, and another one is for validation to refuse.
    const given = old?.spec?.clusterIP !== undefined && needsClusterIp(old.spec);
    const addresses = given ? [] : this.#takeAddress(spec, uid, taken);
    return addresses.length ? addresses : this.#takePorts(spec, { before: old?.spec, owner: uid, taken });
  }

  #takeAddress(spec: ServiceSpec, owner: string, taken: (() => void)[]): StatusCause[] {
    if (!needsClusterIp(spec)) return [];
    if (isHeadless(spec)) {
      spec.clusterIPs = ['None'];
      return [];
    }
    if (!spec.clusterIP) {
      const isFree = (value: number): boolean => this.#addressClaims.isFree(value, owner);
      const number = pickFrom(this.#addresses.bands(), isFree);
      if (number === undefined) throw internalError('failed to allocate a serviceIP: range is full');
      spec.clusterIP = numberToIpv4(number);
      spec.clusterIPs = [spec.clusterIP];
      taken.push(this.#addressClaims.claim(number, owner));
      return [];
    }
    const why = this.#refuseAddress(spec.clusterIP, owner);
    if (why) {
      const detail = `failed to allocate IP ${spec.clusterIP}: ${why}`;
      return [invalidValue('spec.clusterIPs', [spec.clusterIP], detail)];
    }
    taken.push(this.#addressClaims.claim(ipv4ToNumber(spec.clusterIP), owner));
    return [];
  }

  #refuseAddress(address: string, owner: string): string | undefined {
    const number = ipv4ToNumber(address);
    if (!this.#addresses.has(number)) {
      return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.#addresses.cidr}`;
    }
    return this.#addressClaims.isFree(number, owner) ? undefined : 'provided IP is already allocated';
  }

  #takePorts(
    spec: ServiceSpec,
    { before, owner, taken }: { before: ServiceSpec | undefined; owner: string; taken: (() => void)[] },
  ): StatusCause[] {
    const causes: StatusCause[] = [];
    if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return causes;
    const { ports = [] } = spec;
    const byPort = new Map<number, number>();
    for (const [index, port] of ports.entries()) {
      if (!port.nodePort && !needsNodePorts(spec)) continue;
      // TCP and UDP of one port number share a node port.
      const shared =
        byPort.get(port.port) ?? ports.find((other) => other.port === port.port && other.nodePort)?.nodePort;
      port.nodePort ||= shared ?? this.#pickPort();
      byPort.set(port.port, port.nodePort);
      const field = `spec.ports[${index}].nodePort`;
      if (port.nodePort === before?.healthCheckNodePort) causes.push(invalidValue(field, port.nodePort, portTaken));
      else causes.push(...this.#takePort(port.nodePort, field, { owner, taken }));
    }
    if (needsHealthCheckNodePort(spec)) {
      const number = spec.healthCheckNodePort || this.#pickPort();
      const own = number !== before?.healthCheckNodePort && ports.some(({ nodePort }) => nodePort === number);
      const why = own ? portTaken : this.#refusePort(number, owner);
      // Upstream answers so, also where the client has asked for this one.
      if (why) throw internalError(`failed to allocate requested HealthCheck NodePort ${number}: ${why}`);
      taken.push(this.#portClaims.claim(number, owner));
      spec.healthCheckNodePort = number;
    }
    return causes;
  }

  #pickPort(): number {
    // One that this write has not taken yet either.
    const isFree = (value: number): boolean => this.#portClaims.isFree(value, '');
    const number = pickFrom(this.#ports, isFree);
    if (number === undefined) throw internalError('failed to allocate a nodePort: range is full');
    return number;
  }

  #takePort(number: number, field: string, { owner, taken }: { owner: string; taken: (() => void)[] }): StatusCause[] {
    const why = this.#refusePort(number, owner);
    if (why) return [invalidValue(field, number, why)];
    taken.push(this.#portClaims.claim(number, owner));
    return [];
  }

  #refusePort(number: number, owner: string): string | undefined {
    const { first, last } = this.#portRange;
    if (number < first || number > last) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    return this.#portClaims.isFree(number, owner) ? undefined : portTaken;
  }
}

function pickFrom(ranges: readonly Range[], isFree: (value: number) => boolean): number | undefined {
  for (const range of ranges) {
    const found = Claims.pick(range, isFree);
    if (found !== undefined) return found;
  }
  return undefined;
}

const addressesOf = (spec: ServiceSpec): number[] =>
  (spec.clusterIPs ?? []).filter((address) => /^\d+(\.\d+){3}$/.test(address)).map(ipv4ToNumber);

const portsOf = ({ ports = [], healthCheckNodePort }: ServiceSpec): number[] =>
  [...ports.map((port) => port.nodePort), healthCheckNodePort].filter(
    (number): number is number => number !== undefined && number > 0,
  );
