import { isDeepStrictEqual } from 'node:util';
import { duplicate, invalidBy, invalidValue, notSupported, required, tooManyItems } from '@skiff/api/causes';
import { ipFamily } from '@skiff/api/ip';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { EndpointSlice } from '@skiff/api/types';
import { endpointAddress } from './addresses.ts';
import { defineStrategy } from './define-strategy.ts';
import type { Strategy } from './strategy.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type Port = NonNullable<EndpointSlice['ports']>[number];

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const protocols = ['SCTP', 'TCP', 'UDP'];
type AddressRule = (address: string) => string[];

const most = { endpoints: 1000, addresses: 100, ports: 20_000, hints: 8 };

function validateAddress(
  address: string,
  { type, field, rule }: { type: string; field: string; rule: AddressRule },
): StatusCause[] {
  if (type === 'FQDN') return invalidBy(dns1123Subdomain, field, address);
  const family = ipFamily(address);
  if (!family) return [invalidValue(field, address, `must be a valid ${type} address`)];
  if (family !== type) {
    return [invalidValue(field.replace(/\[\d+\]$/, ''), address, `must be an ${type} address`)];
  }
  return invalidBy(rule, field, address);
}

function validateHints(hints: NonNullable<Endpoint['hints']>, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [list, entries] of Object.entries({ forZones: hints.forZones, forNodes: hints.forNodes })) {
    const names = (entries ?? []).map(({ name }) => name);
    if (names.length > most.hints) causes.push(tooManyItems(`${field}.${list}`, names.length, most.hints));
    for (const [index, name] of names.entries()) {
      const path = `${field}.${list}[${index}].name`;
      if (names.indexOf(name) < index) causes.push(duplicate(path, name));
      else causes.push(...invalidBy(list === 'forZones' ? labelValue : dns1123Subdomain, path, name ?? ''));
    }
  }
  return causes;
}

function validateEndpoint(endpoint: Endpoint, at: { type: string; field: string; rule: AddressRule }): StatusCause[] {
  const { type, field } = at;
  const { hostname, nodeName, hints } = endpoint;
  const addresses = endpoint.addresses ?? []; // null stands for none
  const causes: StatusCause[] = [];
  if (!addresses.length) causes.push(required(`${field}.addresses`, 'must contain at least 1 address'));
  if (addresses.length > most.addresses) {
    causes.push(tooManyItems(`${field}.addresses`, addresses.length, most.addresses));
  }
  if (addressTypes.includes(type)) {
    for (const [index, address] of addresses.entries()) {
      causes.push(...validateAddress(address, { ...at, field: `${field}.addresses[${index}]` }));
    }
  }
  if (nodeName !== undefined) causes.push(...invalidBy(dns1123Subdomain, `${field}.nodeName`, nodeName));
  if (hostname !== undefined) causes.push(...invalidBy(dns1123Label, `${field}.hostname`, hostname));
  if (hints) causes.push(...validateHints(hints, `${field}.hints`));
  return causes;
}

function validatePorts(ports: readonly Port[]): StatusCause[] {
  const causes = ports.length > most.ports ? [tooManyItems('ports', ports.length, most.ports)] : [];
  const names = new Set<string>();
  for (const [index, { name = '', protocol, appProtocol }] of ports.entries()) {
    const field = `ports[${index}]`;
    if (name !== '') causes.push(...invalidBy(dns1123Label, `${field}.name`, name));
    if (names.has(name)) causes.push(duplicate(`${field}.name`, name));
    names.add(name);
    if (protocol === undefined) causes.push(required(`${field}.protocol`));
    else if (!protocols.includes(protocol)) causes.push(notSupported(`${field}.protocol`, protocol, protocols));
    if (appProtocol !== undefined) causes.push(...invalidBy(qualifiedName, `${field}.appProtocol`, appProtocol));
  }
  return causes;
}

/** What the generation counts: everything but metadata, and the labels. */
function content({ metadata, ...rest }: EndpointSlice): unknown {
  const { endpoints, ports, addressType } = rest;
  return [metadata.labels ?? {}, endpoints ?? [], ports ?? [], addressType];
}

/** Endpoint slices (upstream: pkg/registry/discovery/endpointslice). */
export function endpointSliceStrategy({ serviceCIDR }: { serviceCIDR: string }): Strategy {
  const rule = endpointAddress(serviceCIDR);
  return defineStrategy<EndpointSlice>({
    default(slice) {
      for (const port of slice.ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
      // What is always written counts as content.
      for (const endpoint of slice.endpoints ?? []) endpoint.conditions ??= {};
    },
    prepareForCreate(slice) {
      slice.metadata.generation = 1;
    },
    prepareForUpdate(slice, old) {
      if (isDeepStrictEqual(content(slice), content(old))) return;
      slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate({ addressType, endpoints, ports }) {
      const causes: StatusCause[] = [];
      if (!addressType) causes.push(required('addressType'));
      else if (!addressTypes.includes(addressType)) causes.push(notSupported('addressType', addressType, addressTypes));
      const count = endpoints?.length ?? 0;
      if (count > most.endpoints) causes.push(tooManyItems('endpoints', count, most.endpoints));
      for (const [index, endpoint] of (endpoints ?? []).entries()) {
        causes.push(...validateEndpoint(endpoint, { type: addressType ?? '', field: `endpoints[${index}]`, rule }));
      }
      return [...causes, ...validatePorts(ports ?? [])];
    },
    warnings: ({ addressType }) => (addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    validateUpdate: (slice, old) =>
      slice.addressType === old.addressType
        ? []
        : [invalidValue('addressType', slice.addressType, 'field is immutable')],
  });
}
