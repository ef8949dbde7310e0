import type { KubeObject } from '@skiff/api/meta';
import type { Column, Printer, RowCondition } from './columns.ts';

/** What rows carry beside their cells; `Metadata` unless the client asks otherwise. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableRow {
  cells: unknown[];
  conditions?: readonly RowCondition[];
  object: unknown;
}

/** The versions of meta.k8s.io that have tables and metadata alone; they are the same in both. */
export type MetaVersion = 'v1' | 'v1beta1';

/** `Table` of meta.k8s.io. */
export interface Table {
  kind: 'Table';
  apiVersion: `meta.k8s.io/${MetaVersion}`;
  metadata: object;
  /** Null in all events of a watch but the first. */
  columnDefinitions: readonly Column[] | null;
  rows: TableRow[];
}

/** The metadata of an object alone. */
export function partialObject(object: { metadata: object }, version: MetaVersion): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** Shows objects of one kind as a table. */
export function toTable(
  printer: Printer,
  objects: readonly KubeObject[],
  options: { metadata: object; include: IncludeObject; version: MetaVersion; now: Date; columns?: boolean },
): Table {
  const { version } = options;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: options.metadata,
    columnDefinitions: options.columns === false ? null : printer.columns,
    rows: objects.map((object) => {
      const conditions = printer.conditions?.(object) ?? [];
      return {
        cells: printer.cells(object, options.now),
        ...(conditions.length && { conditions }),
        object: include(object, { what: options.include, version }),
      };
    }),
  };
}

function include(object: KubeObject, { what, version }: { what: IncludeObject; version: MetaVersion }): unknown {
  if (what === 'None') return null;
  return what === 'Object' ? object : partialObject(object, version);
}
