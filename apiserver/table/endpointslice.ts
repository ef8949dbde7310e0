import type { EndpointSlice } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn } from './columns.ts';
import { firstThree } from './format.ts';

export const columns = [nameColumn, column('AddressType'), column('Ports'), column('Endpoints'), ageColumn];

export function cells(slice: EndpointSlice, now: Date): Cell[] {
  const ports = (slice.ports ?? []).map(({ port, name }) => (port ? String(port) : (name ?? '*')));
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
  return [
    slice.metadata.name,
    slice.addressType,
    firstThree(ports, '<unset>'),
    firstThree(addresses, '<unset>'),
    ageOf(slice.metadata.creationTimestamp, now),
  ];
}
