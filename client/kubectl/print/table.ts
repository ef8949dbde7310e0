import type { KubeObject } from '@skiff/api/meta';
import { SinglePath } from './json-path.ts';
import { TabWriter, tableTabs } from './tab-writer.ts';

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  /** 0 shows always, others only in wide tables. */
  readonly priority?: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  /** The object's metadata, or all of it where that was asked for. */
  readonly object?: KubeObject;
}

/** `Table` of meta.k8s.io/v1, as a server answers it. */
export interface Table {
  readonly kind: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly TableColumn[] | null;
  readonly rows?: readonly TableRow[] | null;
}

export interface TableOptions {
  readonly wide: boolean;
  readonly headers: boolean;
  readonly withNamespace: boolean;
  /** What stands before names: `pod` of `pod/web`. */
  readonly kindPrefix?: string | undefined;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
}

/** Writes tables of one resource, those of a watch too: the headers once, the columns in line. */
export class TablePrinter {
  readonly #options: TableOptions;
  readonly #tabs = new TabWriter(tableTabs);
  #columns: readonly TableColumn[] = [];
  #headersDone = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** `before` are cells that come first in each row, as the type of a watch's event. */
  format(table: Table, before: readonly string[] = []): string {
    if (table.columnDefinitions?.length) this.#columns = table.columnDefinitions;
    const { headers, withNamespace } = this.#options;
    // Types of events are of several lengths: the column is as wide as the longest from the start.
    const lead = before.map((cell) => cell.padEnd(8));
    const rows = (table.rows ?? []).map((row) => [...lead, ...this.#cells(row, withNamespace)].join('\t'));
    if (headers && !this.#headersDone) {
      rows.unshift([...before.map(() => 'EVENT'), ...this.#headers(withNamespace)].join('\t'));
      this.#headersDone = true;
    }
    return this.#tabs.format(rows.map((row) => `${row}\n`).join(''));
  }

  #headers(withNamespace: boolean): string[] {
    const { showLabels, labelColumns } = this.#options;
    return [
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...this.#shown().map(({ column }) => column.name.toUpperCase()),
      ...labelColumns.map((label) => (label.split('/').pop() ?? label).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ];
  }

  #cells({ cells, object }: TableRow, withNamespace: boolean): string[] {
    const { showLabels, labelColumns, kindPrefix } = this.#options;
    const labels = object?.metadata?.labels ?? {};
    return [
      ...(withNamespace ? [object?.metadata?.namespace ?? ''] : []),
      ...this.#shown().map(({ column, at }) => {
        const text = cellText(cells[at]);
        return kindPrefix && at === 0 && column.name.toLowerCase() === 'name' ? `${kindPrefix}/${text}` : text;
      }),
      ...labelColumns.map((label) => labels[label] ?? ''),
      ...(showLabels ? [formatLabels(labels)] : []),
    ];
  }

  #shown(): { column: TableColumn; at: number }[] {
    return this.#columns
      .map((column, at) => ({ column, at }))
      .filter(({ column }) => this.#options.wide || !column.priority);
  }
}

/** `a=1,b=2`, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? '<none>' : pairs.map(([name, value]) => `${name}=${value}`).join(',');
}

/** Line breaks and tabs would break the table. */
function cellText(cell: unknown): string {
  const text = cell === null || cell === undefined ? '<none>' : String(cell);
  const end = text.search(/[\f\n\r]/);
  const line = end < 0 ? text : `${text.slice(0, end)}...`;
  return line.replaceAll('\t', '\\t');
}

/** The rows in the order of a field of their objects; rows without it come first. */
export function sortRows(table: Table, path: string): Table {
  const field = new SinglePath(path);
  const rows = (table.rows ?? []).map((row) => ({ row, value: field.values(row.object)[0] }));
  rows.sort((a, b) => compareValues(a.value, b.value));
  return { ...table, rows: rows.map(({ row }) => row) };
}

/** The order of `--sort-by`: numbers by value, texts in natural order. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1;
  if (b === undefined || b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
