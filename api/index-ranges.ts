/**
 * Sets of indexes as Indexed Jobs write them: `1,3-5,7` (API reference, `JobStatus.completedIndexes`). They are ascending;
 * three or more neighbours are written as a range.
 */
export type ParsedIndexes =
  | { readonly valid: true; readonly indexes: readonly number[] }
  | { readonly valid: false; readonly why: string };

/** Reads indexes below `completions`. */
export function parseIndexes(text: string, completions: number): ParsedIndexes {
  const indexes: number[] = [];
  if (text === '') return { valid: true, indexes };
  let last = -1;
  for (const part of text.split(',')) {
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return { valid: false, why: `cannot convert string to integer for index: "${part}"` };
    const first = Number(from);
    const end = to === undefined ? first : Number(to);
    if (to !== undefined && first >= end) return { valid: false, why: `non-increasing order, previous: ${from}` };
    if (first <= last) return { valid: false, why: `non-increasing order, previous: ${last}, current: ${first}` };
    if (end >= completions) return { valid: false, why: `too large index: "${end}"` };
    for (let index = first; index <= end; index++) indexes.push(index);
    last = end;
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
