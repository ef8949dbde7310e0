import type { ReplicaSet } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, wide } from './columns.ts';
import { containerCells, formatSelector } from './format.ts';

export const columns = [
  nameColumn,
  column('Desired', { type: 'integer' }),
  column('Current', { type: 'integer' }),
  column('Ready', { type: 'integer' }),
  ageColumn,
  wide('Containers'),
  wide('Images'),
  wide('Selector'),
];

export function cells({ metadata, spec, status }: ReplicaSet, now: Date): Cell[] {
  return [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec?.template?.spec?.containers),
    formatSelector(spec?.selector),
  ];
}
