import { readFileSync } from 'node:fs';
import { CommandError } from '../failure.ts';
import { SinglePath, valueText } from './json-path.ts';

interface Column {
  readonly header: string;
  readonly path: SinglePath;
}

/** Reads `NAME:.metadata.name,IMAGE:.spec.containers[*].image`. */
export function customColumns(spec: string): Column[] {
  if (spec === '') throw new CommandError('custom-columns format specified but no custom columns given');
  return splitOutsideBrackets(spec).map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0)
      throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: new SinglePath(part.slice(colon + 1)) };
  });
}

/** A file has the headers in its first line, and the paths below them. */
export function customColumnsFile(path: string): Column[] {
  const [headers = '', paths = ''] = readFileSync(path, 'utf8').split('\n');
  const words = (line: string): string[] => line.trim().split(/\s+/);
  const columns = words(paths);
  if (words(headers).length !== columns.length)
    throw new CommandError(
      `number of headers (${words(headers).length}) and field specifications (${columns.length}) don't match`,
    );
  return words(headers).map((header, at) => ({ header, path: new SinglePath(columns[at] ?? '') }));
}

/** Text with tabs: a line of headers, and one for each object. */
export function customColumnLines(columns: readonly Column[], objects: readonly unknown[], headers: boolean): string {
  const lines = objects.map((object) =>
    columns
      .map(({ path }) => {
        const values = path.values(object);
        return values.length === 0
          ? '<none>'
          : values.map((value) => (value === null ? '<nil>' : cell(value))).join(',');
      })
      .join('\t'),
  );
  if (headers) lines.unshift(columns.map(({ header }) => header).join('\t'));
  return lines.map((line) => `${line}\n`).join('');
}

/** Lists and maps show in Go's own form. */
function cell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(cell).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${members.map(([name, member]) => `${name}:${cell(member)}`).join(' ')}]`;
  }
  return valueText(value);
}

function splitOutsideBrackets(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '[' || char === '(') depth++;
    if (char === ']' || char === ')') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}
