/**
 * What strategic merge has to know of a type: how each of its fields merges. Maps merge and lists are replaced where
 * nothing else is said (API conventions, "Strategic Merge Patch").
 */
export interface StrategicSchema {
  field(name: string): StrategicField;
}

export interface StrategicField {
  /** Lists merge instead of being replaced. */
  readonly merge: boolean;
  /** A map that is replaced whole. */
  readonly replace: boolean;
  /** The field that identifies an entry of a list of objects; absent for lists of primitives. */
  readonly mergeKey: string | undefined;
  /** Of the field's value, or of its entries where it is a list. */
  readonly schema: StrategicSchema;
}
