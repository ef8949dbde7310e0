import { decode } from '@skiff/api/schema/decode';
import { duplicateFields } from '@skiff/api/schema/duplicate-fields';
import { schemaFor } from '@skiff/api/schema/schema';

/** What reading a value as a type found. */
export interface ReadFields {
  /** Without the fields that the type does not have. */
  readonly object: Record<string, unknown>;
  /** The first value of the wrong type, in words. */
  readonly wrong: string | undefined;
  /** Unknown and repeated fields, in the words of Kubernetes' strict decoder. */
  readonly strict: readonly string[];
}

/** Reads a JSON object as a model. `json` is the text that it was parsed from, where fields may have been repeated. */
export function readFields(value: object, model: string, json?: string): ReadFields {
  const { object, wrong, unknown } = decode(value as Record<string, unknown>, schemaFor(model)); // any object has named members
  keepEndOfTracking(value, object);
  const repeated = json === undefined ? [] : duplicateFields(json);
  return {
    object,
    wrong,
    strict: [
      ...unknown.map((path) => `unknown field "${path}"`),
      ...repeated.map((path) => `duplicate field "${path}"`),
    ],
  };
}

/** An empty list of managed fields asks to end their tracking: it is not the same as none, as empty lists are elsewhere. */
function keepEndOfTracking(given: object, read: Record<string, unknown>): void {
  // Any object has named members.
  const { metadata } = given as { metadata?: { managedFields?: unknown } | null };
  const { managedFields } = metadata ?? {};
  if (Array.isArray(managedFields) && managedFields.length === 0)
    Object.assign(read['metadata'] ?? {}, { managedFields });
}
