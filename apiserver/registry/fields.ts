/** What reading a value as a type found. */
export interface ReadFields {
  /** Without the fields that the type does not have. */
  readonly object: Record<string, unknown>;
  /** Values of the wrong type. */
  readonly wrong: string[];
  /** Unknown and repeated fields. */
  readonly strict: string[];
}

export function readFields(value: object, _model: string, _json?: string): ReadFields {
  return { object: value as Record<string, unknown>, wrong: [], strict: [] };
}
