/** A deep copy of a JSON value; several times faster than structuredClone, which copies what may be anything. */
export function cloneJson<T>(value: T): T {
  // What comes out has the form of what went in.
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) if (name !== '__proto__') result[name] = copy(member);
  return result;
}

/** Whether two JSON values are the same. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!jsonEqual(a[index], b[index])) return false;
    return true;
  }
  // Both are maps now.
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  let count = 0;
  for (const name in one) {
    if (!Object.hasOwn(other, name) || !jsonEqual(one[name], other[name])) return false;
    count++;
  }
  for (const _name in other) count--;
  return count === 0;
}
