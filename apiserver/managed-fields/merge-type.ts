/**
 * How the values of a type merge, as far as server-side apply has to know (upstream: the schema of structured-merge-diff). The
 * generated schema of the built-in kinds gives it (model-type.ts), and so does the schema of a CustomResourceDefinition
 * (structural-type.ts).
 */
export type MergeType = ScalarType | ListType | MapType | AnyType | UntrackedType;

/** A value without parts. `untyped` is any of them, as an int-or-string. */
export interface ScalarType {
  readonly is: 'scalar';
  readonly type: 'string' | 'numeric' | 'boolean' | 'untyped';
}

export interface ListType {
  readonly is: 'list';
  /** Whether the list has one owner as a whole, or each of its entries has: told apart by their value, or by some of their fields. */
  readonly entries: 'atomic' | 'set' | 'map';
  /** The fields that tell the entries of a `map` apart, by name. */
  readonly keys: readonly ListKey[];
  readonly items: MergeType;
}

export interface ListKey {
  readonly name: string;
  /** What an entry without the field has there; undefined: it has to have one. */
  readonly default: unknown;
}

/** A struct, a map from strings, or both. */
export interface MapType {
  readonly is: 'map';
  /** Whether it has one owner as a whole. */
  readonly atomic: boolean;
  /** The type of a field that is declared by name. */
  field(name: string): MergeType | undefined;
  /** The type of all other members; undefined where there are none. */
  readonly values: MergeType | undefined;
}

/** Whatever JSON can hold: its maps merge, its lists have one owner. */
export interface AnyType {
  readonly is: 'any';
}

/** What nobody owns: `metadata.managedFields`. */
export interface UntrackedType {
  readonly is: 'untracked';
}

export const anyType: AnyType = { is: 'any' };
export const untracked: UntrackedType = { is: 'untracked' };
/** A map of whatever JSON can hold. */
export const anyMap: MapType = { is: 'map', atomic: false, field: () => undefined, values: anyType };

/** The type of a member of a map. */
export const memberType = (map: MapType, name: string): MergeType | undefined => map.field(name) ?? map.values;

/** What a value of {@link AnyType} is: undefined where it is null or not there, which goes with everything. */
function shapeOf(value: unknown): 'map' | 'list' | 'scalar' | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : 'scalar';
}

const atomicList: ListType = { is: 'list', entries: 'atomic', keys: [], items: anyType };
const scalar: ScalarType = { is: 'scalar', type: 'untyped' };

/** The type of values of which a schema says nothing. */
export function deducedType(value: unknown): ScalarType | ListType | MapType {
  const shape = shapeOf(value);
  if (shape === 'scalar') return scalar;
  return shape === 'list' ? atomicList : anyMap;
}

/** A value as a map; undefined where it is none, or null. */
export const asMap = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  shapeOf(value) === 'map' ? (value as Record<string, unknown>) : undefined;

/** A value as a list; undefined where it is none, or null. */
export const asList = (value: unknown): readonly unknown[] | undefined => (Array.isArray(value) ? value : undefined);

export const isEmptyMap = (map: object | undefined): boolean => {
  for (const _name in map) return false;
  return true;
};
