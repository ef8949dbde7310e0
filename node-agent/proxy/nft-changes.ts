import { type ServiceRules, TABLE } from './nft-rules.ts';

/** All that the agent has in the kernel's table. It is remembered and never read back: that would take half a second. */
export interface TableContent {
  readonly services: ReadonlyMap<string, ServiceRules>;
  /** See sharedElements() in nft-rules.ts. */
  readonly shared: ReadonlySet<string>;
}

export const emptyTable: TableContent = { services: new Map(), shared: new Set() };

const none: ServiceRules = { chains: new Map(), sets: new Map(), elements: new Map() };

/**
 * The commands that make one content of the table out of another, in pieces. A piece must not be cut; the order of pieces holds, also when
 * they are sent in several transactions. Adding what exists with another value, or deleting what is absent, would fail.
 */
export function changes(from: TableContent, to: TableContent): string[] {
  const names = [...new Set([...from.services.keys(), ...to.services.keys()])];
  const pairs = names
    .map((name) => ({ before: from.services.get(name) ?? none, after: to.services.get(name) ?? none }))
    .filter(({ before, after }) => before !== after);
  return [
    // A key that moves from one Service to another is given up before it is taken.
    ...pairs.map(({ before, after }) => elementsToDelete(before, after)),
    sharedChanges('add', difference(to.shared, from.shared)),
    ...pairs.map(({ before, after }) => whatToAdd(before, after)),
    ...pairs.map(({ before, after }) => whatToDelete(before, after)),
    sharedChanges('delete', difference(from.shared, to.shared)),
  ].filter((piece) => piece !== '');
}

function elementsToDelete(before: ServiceRules, after: ServiceRules): string {
  return lines(
    [...before.elements]
      .filter(([key, value]) => after.elements.get(key) !== value)
      .map(([key]) => `delete element ${TABLE} ${key} }`),
  );
}

function whatToAdd(before: ServiceRules, after: ServiceRules): string {
  const changed = [...after.chains].filter(([name, rules]) => !sameRules(before.chains.get(name), rules));
  return lines([
    ...[...after.sets].filter(([name]) => !before.sets.has(name)).map(([name, is]) => `add set ${TABLE} ${name} ${is}`),
    ...changed.map(([name]) => `add chain ${TABLE} ${name}`),
    ...changed.filter(([name]) => before.chains.has(name)).map(([name]) => `flush chain ${TABLE} ${name}`),
    ...changed.flatMap(([name, rules]) => rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`)),
    ...[...after.elements]
      .filter(([key, value]) => before.elements.get(key) !== value)
      .map(([key, value]) => `add element ${TABLE} ${key} ${value} }`),
  ]);
}

function whatToDelete(before: ServiceRules, after: ServiceRules): string {
  const chains = [...before.chains.keys()].filter((name) => !after.chains.has(name));
  const sets = [...before.sets.keys()].filter((name) => !after.sets.has(name));
  return lines([
    // They refer to each other, so all are emptied before the first is deleted.
    ...chains.map((name) => `flush chain ${TABLE} ${name}`),
    ...chains.map((name) => `delete chain ${TABLE} ${name}`),
    ...sets.map((name) => `delete set ${TABLE} ${name}`),
  ]);
}

function sharedChanges(verb: 'add' | 'delete', elements: ReadonlySet<string>): string {
  return lines([...elements].map((element) => `${verb} element ${TABLE} ${element} }`));
}

function difference(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((element) => !b.has(element)));
}

function sameRules(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((rule, index) => rule === b[index]);
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}
