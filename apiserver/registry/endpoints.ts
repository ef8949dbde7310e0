import { invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { ipAddress } from '@skiff/api/ip';
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Endpoints } from '@skiff/api/types';
import { endpointAddress } from './addresses.ts';
import { defineStrategy } from './define-strategy.ts';
import type { Strategy } from './strategy.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

const protocols = ['SCTP', 'TCP', 'UDP'];

type AddressRule = (address: string) => string[];

function validateAddress({ ip = '', hostname, nodeName }: Address, field: string, rule: AddressRule): StatusCause[] {
  const wrong = invalidBy(ipAddress, `${field}.ip`, ip);
  // Upstream parses what is no address a second time, and says so.
  const special = wrong.length ? wrong : invalidBy(rule, `${field}.ip`, ip);
  const causes = [...wrong, ...special];
  if (hostname) causes.push(...invalidBy(dns1123Label, `${field}.hostname`, hostname));
  if (nodeName !== undefined) causes.push(...invalidBy(dns1123Subdomain, `${field}.nodeName`, nodeName));
  return causes;
}

function validatePort(port: Port, field: string, needsName: boolean): StatusCause[] {
  const causes: StatusCause[] = [];
  if (port.name) causes.push(...invalidBy(dns1123Label, `${field}.name`, port.name));
  else if (needsName) causes.push(required(`${field}.name`));
  const number = port.port ?? 0;
  causes.push(...portNumber(number).map((message) => invalidValue(`${field}.port`, number, message)));
  if (!port.protocol) causes.push(required(`${field}.protocol`));
  else if (!protocols.includes(port.protocol)) causes.push(notSupported(`${field}.protocol`, port.protocol, protocols));
  if (port.appProtocol !== undefined)
    causes.push(...invalidBy(qualifiedName, `${field}.appProtocol`, port.appProtocol));
  return causes;
}

function validateSubset(
  { addresses = [], notReadyAddresses = [], ports = [] }: Subset,
  field: string,
  rule: AddressRule,
): StatusCause[] {
  if (!addresses.length && !notReadyAddresses.length) {
    return [required(field, 'must specify `addresses` or `notReadyAddresses`')];
  }
  return [
    ...addresses.flatMap((address, index) => validateAddress(address, `${field}.addresses[${index}]`, rule)),
    ...notReadyAddresses.flatMap((address, index) =>
      validateAddress(address, `${field}.notReadyAddresses[${index}]`, rule),
    ),
    ...ports.flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`, ports.length > 1)),
  ];
}

/** Endpoints (upstream: pkg/registry/core/endpoint). */
export function endpointsStrategy({ serviceCIDR }: { serviceCIDR: string }): Strategy {
  const rule = endpointAddress(serviceCIDR);
  return defineStrategy<Endpoints>({
    updateCreates: true,
    default(endpoints) {
      for (const { ports } of endpoints.subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP';
    },
    validate: ({ subsets }) =>
      (subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`, rule)),
  });
}
