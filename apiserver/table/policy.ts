/** The tables of what sets bounds: budgets, quotas, classes. */
import type { PodDisruptionBudget, PriorityClass, ResourceQuota, RuntimeClass } from '@skiff/api/types';
import { ageColumn, type Cell, column, nameColumn } from './columns.ts';
import { row } from './row.ts';

export const podDisruptionBudget = {
  columns: [
    nameColumn,
    column('Min Available'),
    column('Max Unavailable'),
    column('Allowed Disruptions', { type: 'integer' }),
    ageColumn,
  ],
  cells: ({ spec, status, ...object }: PodDisruptionBudget, now: Date): Cell[] =>
    row(
      object,
      now,
      String(spec?.minAvailable ?? 'N/A'),
      String(spec?.maxUnavailable ?? 'N/A'),
      status?.disruptionsAllowed ?? 0,
    ),
};

export const resourceQuota = {
  columns: [nameColumn, column('Request'), column('Limit'), ageColumn],
  cells({ status, ...object }: ResourceQuota, now: Date): Cell[] {
    const hard = status?.hard ?? {};
    const shown = (limits: boolean): string =>
      Object.keys(hard)
        .sort()
        .filter((name) => name.startsWith('limits') === limits)
        .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${hard[name]}`)
        .join(', ');
    return row(object, now, shown(false), shown(true));
  },
};

export const priorityClass = {
  columns: [
    nameColumn,
    column('Value', { type: 'integer' }),
    column('Global-Default', { type: 'boolean' }),
    ageColumn,
    column('PreemptionPolicy'),
  ],
  cells: (object: PriorityClass, now: Date): Cell[] => [
    ...row(object, now, object.value ?? 0, object.globalDefault ?? false),
    object.preemptionPolicy ?? '',
  ],
};

export const runtimeClass = {
  columns: [nameColumn, column('Handler'), ageColumn],
  cells: (object: RuntimeClass, now: Date): Cell[] => row(object, now, object.handler ?? ''),
};
