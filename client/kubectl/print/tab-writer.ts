export interface TabWriterOptions {
  /** The least width of a column, its padding included. */
  readonly minWidth: number;
  /** Blanks between a column's widest cell and the next column. */
  readonly padding: number;
  /** Columns never become narrower than they once were: rows that follow later stay in line. */
  readonly rememberWidths?: boolean;
}

/** What kubectl's tables are written with, and what its descriptions are. */
export const tableTabs: TabWriterOptions = { minWidth: 6, padding: 3, rememberWidths: true };
export const describeTabs: TabWriterOptions = { minWidth: 0, padding: 2 };

/**
 * Lines up text that has tabs: the cells before a tab form a column with those of the lines right above and below that have a
 * tab there too; what follows the last tab of a line belongs to no column (elastic tabstops, as Go's text/tabwriter does it).
 */
export class TabWriter {
  readonly #options: TabWriterOptions;
  readonly #remembered: number[] = [];

  constructor(options: TabWriterOptions) {
    this.#options = options;
  }

  format(text: string): string {
    const lines = text.split('\n').map((line) => line.split('\t'));
    const widths = lines.map((cells) => cells.map(() => 0));
    this.#layOut(lines, widths, { from: 0, to: lines.length, column: 0 });
    return lines
      .map((cells, row) =>
        cells.map((cell, at) => (at === cells.length - 1 ? cell : pad(cell, widths[row]?.[at] ?? 0))).join(''),
      )
      .join('\n');
  }

  /** Finds the blocks of lines that have this column, and within each those of the next. */
  #layOut(
    lines: readonly string[][],
    widths: number[][],
    { from, to, column }: { from: number; to: number; column: number },
  ): void {
    for (let start = from; start < to; start++) {
      if (!hasColumn(lines[start], column)) continue;
      let end = start;
      let width = this.#options.minWidth;
      for (; end < to && hasColumn(lines[end], column); end++) {
        width = Math.max(width, lengthOf(lines[end]?.[column] ?? '') + this.#options.padding);
      }
      if (this.#options.rememberWidths) {
        width = Math.max(width, this.#remembered[column] ?? 0);
        this.#remembered[column] = width;
      }
      for (const row of widths.slice(start, end)) row[column] = width;
      this.#layOut(lines, widths, { from: start, to: end, column: column + 1 });
      start = end;
    }
  }
}

const hasColumn = (cells: readonly string[] | undefined, column: number): boolean =>
  cells !== undefined && column < cells.length - 1;

/** In characters, as Go counts runes. */
const lengthOf = (text: string): number => [...text].length;

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)));
