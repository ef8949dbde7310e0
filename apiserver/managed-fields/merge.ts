import { entriesOf, entryElement } from './list-entries.ts';
import {
  asList,
  asMap,
  deducedType,
  isEmptyMap,
  type ListType,
  type MapType,
  type MergeType,
  memberType,
} from './merge-type.ts';

/**
 * Works an applied configuration into an object: nothing is removed by it, values of the configuration win (upstream:
 * structured-merge-diff, typed/merge.go). The result shares what did not change with both.
 */
export function merge(live: object, config: object, type: MapType): Record<string, unknown> {
  return mergeMembers(asMap(live), asMap(config), type) ?? {};
}

/** `undefined` where there is no value; an explicit null is one. */
function mergeValue(live: unknown, config: unknown, type: MergeType): unknown {
  if (type.is === 'any') return mergeValue(live, config, deducedType(config ?? live));
  if (live === undefined || config === undefined || type.is === 'scalar' || type.is === 'untracked') {
    return config === undefined ? live : config;
  }
  if (type.is === 'list') {
    const [old, wanted] = [asList(live), asList(config)];
    const empty = !old?.length && !wanted?.length;
    return type.entries === 'atomic' || empty ? config : mergeEntries(old ?? [], wanted ?? [], type);
  }
  const [old, wanted] = [asMap(live), asMap(config)];
  const empty = isEmptyMap(old) && isEmptyMap(wanted);
  return type.atomic || empty ? config : mergeMembers(old, wanted, type);
}

type Members = Readonly<Record<string, unknown>> | undefined;

function mergeMembers(live: Members, config: Members, type: MapType): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  const member = (name: string): void => {
    const inside = memberType(type, name);
    const value = inside && mergeValue(live?.[name], config?.[name], inside);
    if (value !== undefined) result[name] = value;
  };
  for (const name in live) member(name);
  for (const name in config) if (!live || !Object.hasOwn(live, name)) member(name);
  return isEmptyMap(result) ? undefined : result;
}

/**
 * Entries of both lists are in the order of the configuration; those that only the object has stay where they were among them.
 */
function mergeEntries(live: readonly unknown[], config: readonly unknown[], type: ListType): unknown[] {
  const left = live.map((entry) => ({ element: entryElement(entry, type), entry }));
  const right = config.map((entry) => ({ element: entryElement(entry, type), entry }));
  const inLive = entriesOf(live, type);
  const inConfig = new Map(right.map(({ element, entry }) => [element, entry]));
  const shared = right.map(({ element }) => element).filter((element) => inLive.has(element));
  const merged = new Set<string>();
  const result: unknown[] = [];
  const take = (element: string, entry: unknown): void => {
    merged.add(element);
    const known = inLive.get(element);
    // What is there several times is replaced.
    const value = known?.length === 1 ? mergeValue(known[0], entry, type.items) : entry;
    if (value !== undefined) result.push(value);
  };
  let [l, r, s] = [0, 0, 0];
  while (l < left.length || r < right.length) {
    const [one, other] = [left[l], right[r]];
    if (one && other && one.element === other.element) {
      take(other.element, other.entry);
      l++;
      r++;
      s++;
      continue;
    }
    if (one && other && inConfig.has(one.element) && s < shared.length && shared[s] !== one.element) {
      // In both, but its turn comes later.
      l++;
      continue;
    }
    if (one && !inConfig.has(one.element)) {
      result.push(one.entry);
      l++;
      continue;
    }
    if (one && merged.has(one.element)) l++;
    if (!other) continue;
    take(other.element, other.entry);
    r++;
    if (shared[s] === other.element) s++;
  }
  return result;
}
