import type { KubeObject } from '@skiff/api/meta';
import { ageColumn, type Cell, column, nameColumn, type Printer } from './columns.ts';
import { row } from './row.ts';

/** A Scale of autoscaling/v1; its name is the one column of its kind without the format `name`. */
export const scale: Printer = {
  columns: [
    { ...nameColumn, format: '' },
    column('Desired', { type: 'integer' }),
    column('Available', { type: 'integer' }),
    ageColumn,
  ],
  cells(object: KubeObject, now: Date): Cell[] {
    // The route makes it of the object that is scaled.
    const { spec, status } = object as { spec?: { replicas?: number }; status?: { replicas?: number } };
    return row(object, now, spec?.replicas ?? 0, status?.replicas ?? 0);
  },
};
