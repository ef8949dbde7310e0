/** The order of merged lists: entries of the patch in the order that it asks for, those of the server around them. */

const indexIn = (order: readonly string[], key: string): number => order.indexOf(key);

function sortBy<T>(items: readonly T[], order: readonly string[], keyOf: (item: T) => string): T[] {
  const rank = (item: T): number => {
    const at = indexIn(order, keyOf(item));
    return at < 0 ? order.length : at;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}

/**
 * Puts a merged list in order. Entries that `patchOrder` names come in its order; the others, which only the server
 * has, stay in front of those that they preceded in `serverOrder`, and otherwise follow.
 */
export function orderElements<T>(
  merged: readonly T[],
  order: { patch: readonly string[]; server: readonly string[] },
  keyOf: (item: T) => string,
): T[] {
  const named = new Set(order.patch);
  const patched = sortBy(
    merged.filter((item) => named.has(keyOf(item))),
    order.patch,
    keyOf,
  );
  const others = sortBy(
    merged.filter((item) => !named.has(keyOf(item))),
    order.server,
    keyOf,
  );
  const result: T[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const other = others[left];
    const patch = patched[right];
    if (other === undefined && patch === undefined) return result;
    if (other === undefined) result.push(...patched.slice(right));
    else if (patch === undefined) result.push(...others.slice(left));
    if (other === undefined || patch === undefined) return result;
    const [l, r] = [indexIn(order.server, keyOf(other)), indexIn(order.server, keyOf(patch))];
    if (l >= 0 && r >= 0 && l < r) {
      result.push(other);
      left++;
    } else {
      result.push(patch);
      right++;
    }
  }
}
