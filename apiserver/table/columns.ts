import type { KubeObject } from '@skiff/api/meta';

/** `TableColumnDefinition` of meta.k8s.io/v1. Columns of priority 1 show only with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export type Cell = string | number | boolean | null;

/** `TableRowCondition`: kubectl hides finished rows by it. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** How one kind shows as a table (upstream: pkg/printers/internalversion/printers.go). */
export interface Printer {
  readonly columns: readonly Column[];
  /** A cell per column, the wide ones included. */
  cells(object: KubeObject, now: Date): Cell[];
  conditions?(object: KubeObject): readonly RowCondition[];
}

export function column(name: string, options: { type?: Column['type']; description?: string } = {}): Column {
  return { name, type: options.type ?? 'string', format: '', description: options.description ?? '', priority: 0 };
}

export function wide(name: string): Column {
  return { ...column(name), priority: 1 };
}

export const nameColumn: Column = {
  ...column('Name', {
    description:
      'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.',
  }),
  format: 'name',
};

export const ageColumn: Column = column('Age', {
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
});

export const none = '<none>';
