import { invalidBy, required } from '@skiff/api/causes';
import { dns1123Subdomain, pathSegmentName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { IPAddress } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateImmutable } from './immutable.ts';

/** Who holds an address of the Service ranges (upstream: pkg/registry/networking/ipaddress). Their name is the address. */
export const ipAddressStrategy = defineStrategy<IPAddress>({
  validateCreate({ spec }): StatusCause[] {
    const parent = spec?.parentRef;
    const field = 'spec.parentRef';
    if (!parent) return [required(field)];
    const named = (name: 'resource' | 'name'): StatusCause[] =>
      parent[name] ? invalidBy(pathSegmentName, `${field}.${name}`, parent[name]) : [required(`${field}.${name}`)];
    return [
      ...(parent.group ? invalidBy(dns1123Subdomain, `${field}.group`, parent.group) : []),
      ...named('resource'),
      ...named('name'),
      ...(parent.namespace ? invalidBy(pathSegmentName, `${field}.namespace`, parent.namespace) : []),
    ];
  },
  validateUpdate: ({ spec }, old) => validateImmutable(spec?.parentRef, old.spec?.parentRef, 'spec.parentRef'),
});
