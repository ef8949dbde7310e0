import type { Endpoints } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none } from './columns.ts';
import { firstThree } from './format.ts';

export const columns = [nameColumn, column('Endpoints'), ageColumn];

const hostPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

export function cells(endpoints: Endpoints, now: Date): Cell[] {
  const list = (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length
      ? ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port)))
      : addresses.map(({ ip }) => ip),
  );
  const age = ageOf(endpoints.metadata.creationTimestamp, now);
  return [endpoints.metadata.name, endpoints.subsets?.length ? firstThree(list, '') : none, age];
}
