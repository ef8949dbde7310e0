/** The kinds whose tables take a line or two. */
import type { ConfigMap, Lease, Namespace, Secret, ServiceAccount } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn } from './columns.ts';

const count = (value: object | undefined | null): number => Object.keys(value ?? {}).length;
const row = (
  object: { metadata: { name: string; creationTimestamp?: string } },
  now: Date,
  ...cells: Cell[]
): Cell[] => [object.metadata.name, ...cells, ageOf(object.metadata.creationTimestamp, now)];

export const namespace = {
  columns: [nameColumn, column('Status'), ageColumn],
  cells: (object: Namespace, now: Date): Cell[] => row(object, now, object.status?.phase ?? ''),
};

export const configMap = {
  columns: [nameColumn, column('Data'), ageColumn],
  cells: (object: ConfigMap, now: Date): Cell[] => row(object, now, count(object.data) + count(object.binaryData)),
};

export const secret = {
  columns: [nameColumn, column('Type'), column('Data'), ageColumn],
  cells: (object: Secret, now: Date): Cell[] => row(object, now, object.type ?? '', count(object.data)),
};

export const serviceAccount = {
  columns: [nameColumn, ageColumn],
  cells: (object: ServiceAccount, now: Date): Cell[] => row(object, now),
};

export const lease = {
  columns: [nameColumn, column('Holder'), ageColumn],
  cells: (object: Lease, now: Date): Cell[] => row(object, now, object.spec?.holderIdentity ?? ''),
};
