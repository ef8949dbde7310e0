import { compareElements } from './path-element.ts';

/**
 * A set of fields, in the form in which `managedFields` holds it as `fieldsV1`: a tree of path elements (see
 * path-element.ts). An element with nothing inside is in the set; one with others inside is in it where `.` is among them.
 * The root stands for the object itself, which is in no set: an empty root is the empty set. Sets are never changed once they
 * are made, and share their parts.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set under construction. */
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

/** Puts an element into a set: with what is inside, and as a member of its own where it is one. */
export function put(set: FieldSetBuilder, element: string, inside: FieldSetBuilder, member: boolean): void {
  if (isEmpty(inside)) {
    if (member) set[element] = leaf;
    return;
  }
  if (member) inside[itself] = leaf;
  set[element] = inside;
}

/** What a node of the tree has inside, and whether it is itself a member. Absent: neither. */
interface Node {
  readonly inside: FieldSet;
  readonly member: boolean;
}

const nodeOf = (set: FieldSet, element: string): Node => {
  const inside = set[element];
  return inside === undefined ? { inside: nothing, member: false } : { inside, member: isMember(inside) };
};

type Rule = (a: boolean, b: boolean) => boolean;

/** Combines the members of two sets by a rule that says no where neither has one. */
function combine(a: FieldSet, b: FieldSet, rule: Rule): FieldSetBuilder {
  const result: FieldSetBuilder = {};
  const visit = (element: string): void => {
    if (element === itself) return;
    const [one, other] = [nodeOf(a, element), nodeOf(b, element)];
    put(result, element, combine(one.inside, other.inside, rule), rule(one.member, other.member));
  };
  for (const element in a) visit(element);
  for (const element in b) if (!(element in a)) visit(element);
  return result;
}

export const union = (a: FieldSet, b: FieldSet): FieldSet => {
  if (isEmpty(a)) return b;
  return isEmpty(b) ? a : combine(a, b, (one, other) => one || other);
};
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => {
  return isEmpty(a) || isEmpty(b) ? nothing : combine(a, b, (one, other) => one && other);
};
/** Without the members of `b`. What is inside them stays: that is other members. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => {
  return isEmpty(a) || isEmpty(b) ? a : combine(a, b, (one, other) => one && !other);
};

/** Without the members of `b` and all that is inside them. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(a) || isEmpty(b) ? a : cut(a, b);
}

function cut(a: FieldSet, b: FieldSet): FieldSetBuilder {
  const result: FieldSetBuilder = {};
  for (const element in a) {
    if (element === itself) continue;
    const [one, other] = [nodeOf(a, element), nodeOf(b, element)];
    if (!other.member) put(result, element, cut(one.inside, other.inside), one.member);
  }
  return result;
}

/** Whether an element at the top of a set is a member of it. */
export const hasMember = (set: FieldSet, element: string): boolean => nodeOf(set, element).member;

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

/** Both have the same members. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const element in a) {
    const other = b[element];
    const one = a[element];
    if (one === undefined || other === undefined || !sameSet(one, other)) return false;
    count++;
  }
  for (const _element in b) count--;
  return count === 0;
}

/** The same set with its elements in the order in which Kubernetes writes them. */
export function sorted(set: FieldSet): FieldSet {
  const elements = Object.keys(set);
  if (elements.length === 0) return leaf;
  if (elements.length > 1) elements.sort(compareElements);
  const result: FieldSetBuilder = {};
  for (const element of elements) result[element] = sorted(set[element] ?? leaf);
  return result;
}

/** The members as paths: those at a level before those inside them, as conflicts are listed. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = Object.keys(set)
    .filter((element) => element !== itself)
    .sort(compareElements);
  for (const element of elements) if (hasMember(set, element)) yield [...prefix, element];
  for (const element of elements) yield* pathsOf(set[element] ?? nothing, [...prefix, element]);
}
