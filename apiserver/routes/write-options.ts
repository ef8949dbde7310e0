import { forbiddenField, required } from '@skiff/api/causes';
import { invalid, type StatusCause } from '@skiff/api/status';
import { isTrue } from '../request-info.ts';

/** What to do about fields that a kind does not have, or that come twice. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string | undefined;
}

const directives: readonly string[] = ['Strict', 'Warn', 'Ignore'];
/** The longest name of a field manager. */
export const maxManager = 128;

/** Reads the query of a write; `kind` is that of its options, as `CreateOptions`. Throws 422. */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  return readOptions(query, kind, []);
}

/** The options of a PATCH. Only server-side apply may be forced, and it has to name its field manager. */
export function patchOptions(query: URLSearchParams, { apply }: { apply: boolean }): WriteOptions & { force: boolean } {
  const causes: StatusCause[] = [];
  const force = query.get('force');
  if (!apply && force) causes.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  if (apply && !query.get('fieldManager')) causes.push(required('fieldManager', 'is required for apply patch'));
  return { ...readOptions(query, 'PatchOptions', causes), force: isTrue(force) };
}

function readOptions(query: URLSearchParams, kind: string, causes: StatusCause[]): WriteOptions {
  const dryRun = query.getAll('dryRun');
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
