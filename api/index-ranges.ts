/**
 * Sets of indexes as Indexed Jobs write them: `1,3-5,7` (API reference, `JobStatus.completedIndexes`). They are ascending;
 * three or more neighbours are written as a range.
 */
export type ParsedIndexes =
  | { readonly valid: true; readonly indexes: readonly number[] }
  | { readonly valid: false; readonly why: string };

/** The ends of `3` or `3-5`, or what is wrong with it. */
function parseInterval(text: string, completions: number): readonly [first: number, last: number] | string {
  const parts = text.split('-');
  if (parts.length > 2) {
    return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  for (const part of parts) {
    if (!/^\+?\d+$/.test(part)) return `cannot convert string to integer for index: ${JSON.stringify(part)}`;
    if (Number(part) >= completions) return `too large index: ${JSON.stringify(part)}`;
  }
  const [first = 0, last] = parts.map(Number);
  if (last === undefined) return [first, first];
  return first < last ? [first, last] : `non-increasing order, previous: ${first}, current: ${last}`;
}

/** Reads indexes below `completions`. */
export function parseIndexes(text: string, completions: number): ParsedIndexes {
  const indexes: number[] = [];
  if (text === '') return { valid: true, indexes };
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return { valid: false, why: interval };
    const [first, last] = interval;
    const previous = indexes.at(-1) ?? -1;
    if (first <= previous) {
      return { valid: false, why: `non-increasing order, previous: ${previous}, current: ${first}` };
    }
    for (let index = first; index <= last; index++) indexes.push(index);
  }
  return { valid: true, indexes };
}

/** Writes ascending indexes. */
export function formatIndexes(indexes: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < indexes.length; ) {
    const first = indexes[at] ?? 0;
    let end = at;
    while (indexes[end + 1] === (indexes[end] ?? 0) + 1) end++;
    const last = indexes[end] ?? first;
    if (end - at >= 2) parts.push(`${first}-${last}`);
    else for (let index = first; index <= last; index++) parts.push(String(index));
    at = end + 1;
  }
  return parts.join(',');
}

/** How many there are in a text that {@link formatIndexes} wrote. */
export function countIndexes(text: string): number {
  const read = parseIndexes(text, Number.POSITIVE_INFINITY);
  return read.valid ? read.indexes.length : 0;
}
