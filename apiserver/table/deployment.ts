import type { Deployment } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, wide } from './columns.ts';
import { containerCells, formatSelector } from './format.ts';

export const columns = [
  nameColumn,
  column('Ready'),
  column('Up-to-date'),
  column('Available'),
  ageColumn,
  wide('Containers'),
  wide('Images'),
  wide('Selector'),
];

export function cells({ metadata, spec, status }: Deployment, now: Date): Cell[] {
  return [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec?.template.spec?.containers),
    formatSelector(spec?.selector),
  ];
}
