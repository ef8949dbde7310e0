import { asMap, type ListType } from './merge-type.ts';
import { keyElement, valueElement } from './path-element.ts';

/** A list has an entry that cannot be told apart from the others. */
export class UnnamedEntry extends Error {
  override readonly name = 'UnnamedEntry';
}

/** The path element of an entry of a list whose entries have owners of their own. Throws {@link UnnamedEntry}. */
export function entryElement(entry: unknown, list: ListType): string {
  if (list.entries === 'set') {
    if (typeof entry !== 'object') return valueElement(entry);
    if (entry === null) throw new UnnamedEntry('associative list without keys has an element that is an explicit null');
    throw new UnnamedEntry("associative list without keys has an element that's a map or list");
  }
  const fields = asMap(entry);
  if (!fields) throw new UnnamedEntry('associative list with keys may not have null or non-map elements');
  return keyElement(
    list.keys.map((key): readonly [string, unknown] => {
      const value = fields[key.name] ?? key.default;
      if (value !== undefined) return [key.name, value];
      throw new UnnamedEntry(
        `associative list with keys has an element that omits key field "${key.name}" (and doesn't have default value)`,
      );
    }),
  );
}

/** The entries of a list by their path elements; several where they are not told apart. */
export function entriesOf(list: readonly unknown[] | undefined, type: ListType): Map<string, unknown[]> {
  const entries = new Map<string, unknown[]>();
  for (const entry of list ?? []) {
    const element = entryElement(entry, type);
    const known = entries.get(element);
    if (known) known.push(entry);
    else entries.set(element, [entry]);
  }
  return entries;
}
