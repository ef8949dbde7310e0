import { orderElements } from './path-element.ts';

/**
 * A set of fields, in the form in which `managedFields` holds it as `fieldsV1`: a tree of path elements (see
 * path-element.ts). An element with nothing inside is in the set; one with others inside is in it where `.` is among them.
 * The root stands for the object itself, which is in no set: an empty root is the empty set. Elements are in the order in which
 * Kubernetes writes them. Sets are never changed once they are made, and share their parts.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set under construction; elements are added in order. */
export interface FieldSetBuilder {
  [element: string]: FieldSet;
}

export const nothing: FieldSet = Object.freeze({});
/** An element that is in the set and has nothing inside. */
export const leaf: FieldSet = nothing;
/** Among the elements inside another one: that one is itself in the set. */
export const itself = '.';

export function isEmpty(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

const isMember = (node: FieldSet): boolean => itself in node || isEmpty(node);

/** Begins an element: `attach` adds it to a set when what is inside is complete. */
export const begin = (member: boolean): FieldSetBuilder => (member ? { [itself]: leaf } : {});

/** Adds an element to a set, unless it is no member and has nothing inside. */
export function attach(set: FieldSetBuilder, element: string, inside: FieldSet): void {
  for (const within in inside) {
    if (within !== itself) {
      set[element] = inside;
      return;
    }
  }
  if (itself in inside) set[element] = leaf;
}

function inOrder(set: FieldSet): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element of orderElements(Object.keys(set))) result[element] = set[element] ?? leaf;
  return result;
}

/** The members of both. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  let [result, added]: [FieldSetBuilder | undefined, boolean] = [undefined, false];
  for (const element in b) {
    const [one, other] = [a[element], b[element] ?? leaf];
    const both = one === undefined ? other : joined(one, other);
    if (both === one) continue;
    result ??= { ...a };
    result[element] = both;
    added ||= one === undefined;
  }
  if (!result) return a;
  return added ? inOrder(result) : result;
}

/** Two nodes of one element. An empty one is a member with nothing inside. */
function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return isMember(a) ? a : { [itself]: leaf, ...a };
  if (isEmpty(a)) return isMember(b) ? b : { [itself]: leaf, ...b };
  return union(a, b);
}

/** The members that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSetBuilder = {};
  common(a, b, result);
  return result;
}

function common(a: FieldSet, b: FieldSet, into: FieldSetBuilder): void {
  for (const element in a) {
    const [one, other] = [a[element], b[element]];
    if (element === itself || one === undefined || other === undefined) continue;
    const inside = begin(isMember(one) && isMember(other));
    common(one, other, inside);
    attach(into, element, inside);
  }
}

/** Without the members of `b`. What is inside them stays: that is other members. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => minus(a, b, { inside: false });

/** Without the members of `b` and all that is inside them. */
export const without = (a: FieldSet, b: FieldSet): FieldSet => minus(a, b, { inside: true });

function minus(a: FieldSet, b: FieldSet, removes: { readonly inside: boolean }): FieldSet {
  let changed: Map<string, FieldSet> | undefined;
  for (const element in b) {
    const [one, other] = [a[element], b[element]];
    if (element === itself || one === undefined || other === undefined) continue;
    const rest = removes.inside && isMember(other) ? nothing : minus(one, other, removes);
    const member = isMember(one) && !isMember(other);
    if (rest === one && member === isMember(one)) continue;
    const node = begin(member);
    for (const within in rest) if (within !== itself) node[within] = rest[within] ?? leaf;
    changed ??= new Map();
    changed.set(element, node);
  }
  if (!changed) return a;
  const result: FieldSetBuilder = {};
  for (const element in a) {
    const node = changed.get(element);
    if (node) attach(result, element, node);
    else result[element] = a[element] ?? leaf;
  }
  return result;
}

/** What is no member, whatever it has inside. */
const notMember: FieldSet = { 'f:': leaf };

/** Whether an element at the top of a set is a member of it. */
export const hasMember = (set: FieldSet, element: string): boolean => isMember(set[element] ?? notMember);

/** Whether a path is a member. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let at: FieldSet = set;
  for (const element of path) {
    const inside = at[element];
    if (inside === undefined) return false;
    at = inside;
  }
  return path.length > 0 && isMember(at);
}

/** The set of one path. */
export function setOfPath(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((inside, element) => ({ [element]: inside }), leaf);
}

/** A set whose elements are in any order, brought into order. */
export function sorted(set: FieldSet): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element of orderElements(Object.keys(set))) result[element] = sorted(set[element] ?? leaf);
  return result;
}

/** The members as paths: those at a level before those inside them, as conflicts are listed. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = Object.keys(set).filter((element) => element !== itself);
  for (const element of elements) if (hasMember(set, element)) yield [...prefix, element];
  for (const element of elements) yield* pathsOf(set[element] ?? nothing, [...prefix, element]);
}
