/** The kinds whose tables take a line or two. */
import type { ConfigMap, Lease, Namespace, Secret, ServiceAccount } from '@skiff/api/types';
import { ageColumn, type Cell, column, nameColumn } from './columns.ts';
import { row } from './row.ts';

const count = (value: object | undefined | null): number => Object.keys(value ?? {}).length;
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
