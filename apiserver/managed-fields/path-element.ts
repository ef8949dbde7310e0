/**
 * One step of the path to a field, written as in `fieldsV1` (upstream: structured-merge-diff, fieldpath/serialize-pe.go):
 *   f:NAME        a field of a struct, or a key of a map
 *   k:{"a":1}     the entry of a list with these keys, sorted by their names
 *   v:VALUE       an entry of a set, as JSON
 *   i:INDEX       an entry of a list by its place
 */
export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

/** `keys` are pairs of names and values, sorted by name. */
export function keyElement(keys: readonly (readonly [string, unknown])[]): string {
  let text = 'k:{';
  for (const [name, value] of keys) {
    text += `${text.length > 3 ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

/** `.` stands for the whole: it comes first. */
const kindOrder = '.fkvi';
const valueOrder = ['number', 'string', 'boolean', 'object'];

function compareValues(a: unknown, b: unknown): number {
  const byType = valueOrder.indexOf(typeof a) - valueOrder.indexOf(typeof b);
  if (byType !== 0 || a === b) return byType;
  // Of the same type: numbers by size, all else as text.
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [Object.entries(parsed(a) ?? {}), Object.entries(parsed(b) ?? {})];
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index];
    if (!other) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const order = compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** What follows the two letters of an element other than a field. */
function parsed(element: string): unknown {
  return JSON.parse(element.slice(2));
}

function compareElements(a: string, b: string): number {
  const kind = a.charAt(0);
  if (kind !== b.charAt(0)) return kindOrder.indexOf(kind) - kindOrder.indexOf(b.charAt(0));
  if (kind === 'k') return compareKeys(a, b);
  if (kind === 'v' || kind === 'i') return compareValues(parsed(a), parsed(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Puts elements in the order in which Kubernetes writes them. */
export function orderElements(elements: string[]): string[] {
  const last = elements.at(-1) ?? '';
  // Elements of one place are of one kind but for `.`, and fields are in the order of their letters.
  return last.startsWith('f:') || elements.length < 2 ? elements.sort() : elements.sort(compareElements);
}

/** Whether a text is an element. */
export function isElement(text: string): boolean {
  if (text.startsWith('f:')) return true;
  try {
    if (text.startsWith('v:')) return parsed(text) !== undefined;
    if (text.startsWith('i:')) return Number.isInteger(parsed(text));
    const keys = text.startsWith('k:') ? parsed(text) : undefined;
    return typeof keys === 'object' && keys !== null && !Array.isArray(keys);
  } catch {
    return false;
  }
}

/** A path for people: `.spec.ports[port=80,protocol="TCP"].name`. */
export function displayPath(path: readonly string[]): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      if (element.startsWith('i:')) return `[${element.slice(2)}]`;
      const keys = Object.entries(parsed(element) ?? {});
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
