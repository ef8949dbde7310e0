import type { KubeObject } from '@skiff/api/meta';
import type { Column, Printer, RowCondition } from './columns.ts';

/** What rows carry beside their cells; `Metadata` unless the client asks otherwise. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableRow {
  cells: unknown[];
  conditions?: readonly RowCondition[];
  object: unknown;
}

/** `Table` of meta.k8s.io/v1. */
export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: object;
  /** Null in all events of a watch but the first. */
  columnDefinitions: readonly Column[] | null;
  rows: TableRow[];
}

/** The metadata of an object alone. */
export function partialObject(object: { metadata: object }): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** Shows objects of one kind as a table. */
export function toTable(
  printer: Printer,
  objects: readonly KubeObject[],
  options: { metadata: object; include: IncludeObject; now: Date; columns?: boolean },
): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.columns === false ? null : printer.columns,
    rows: objects.map((object) => {
      const conditions = printer.conditions?.(object) ?? [];
      return {
        cells: printer.cells(object, options.now),
        ...(conditions.length && { conditions }),
        object: include(object, options.include),
      };
    }),
  };
}

function include(object: KubeObject, what: IncludeObject): unknown {
  if (what === 'None') return null;
  return what === 'Object' ? object : partialObject(object);
}
