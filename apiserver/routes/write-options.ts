import { invalid, type StatusCause } from '@skiff/api/status';

/** What to do about fields that a kind does not have, or that come twice. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string | undefined;
}

const directives: readonly string[] = ['Strict', 'Warn', 'Ignore'];
const maxManager = 128;

/** Reads the query of a write; `kind` is that of its options, as `CreateOptions`. Throws 422. */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const causes: StatusCause[] = [];
  const dryRun = query.getAll('dryRun').filter(Boolean);
  const unknown = dryRun.filter((value) => value !== 'All');
  if (unknown.length) {
    const message = `Unsupported value: ["${unknown.join('","')}"]: supported values: "All"`;
    causes.push({ reason: 'FieldValueNotSupported', field: 'dryRun', message });
  }
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!directives.includes(fieldValidation)) {
    const message = `Unsupported value: "${fieldValidation}": supported values: "", "Ignore", "Strict", "Warn"`;
    causes.push({ reason: 'FieldValueNotSupported', field: 'fieldValidation', message });
  }
  const fieldManager = query.get('fieldManager') ?? undefined;
  if (fieldManager !== undefined && fieldManager.length > maxManager) {
    const message = `Too long: may not be more than ${maxManager} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field: 'fieldManager', message });
  }
  if (fieldManager !== undefined && /\p{C}/u.test(fieldManager)) {
    const message = `Invalid value: "${fieldManager}": should only contain printable characters`;
    causes.push({ reason: 'FieldValueInvalid', field: 'fieldManager', message });
  }
  if (causes.length) throw invalid({ group: 'meta.k8s.io', kind }, '', causes);
  // One of the three: checked above.
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation, fieldManager };
}
