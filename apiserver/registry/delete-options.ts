import { invalid, type StatusCause } from '@skiff/api/status';

/** `DeleteOptions` of meta/v1, as far as it is used. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly dryRun?: readonly string[] | undefined;
}

const policies = ['Background', 'Foreground', 'Orphan'];

/** Throws 422 where the options contradict themselves (upstream: metav1/validation.ValidateDeleteOptions). */
export function validateDeleteOptions({ propagationPolicy, orphanDependents, dryRun }: DeleteOptions): void {
  const causes: StatusCause[] = [];
  const field = 'propagationPolicy';
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const message = `Invalid value: "${propagationPolicy}": orphanDependents and deletionPropagation cannot be both set`;
    causes.push({ reason: 'FieldValueInvalid', field, message });
  }
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy)) {
    const message = `Unsupported value: "${propagationPolicy}": supported values: "Foreground", "Background", "Orphan"`;
    causes.push({ reason: 'FieldValueNotSupported', field, message });
  }
  for (const value of dryRun ?? []) {
    if (value === 'All') continue;
    const message = `Unsupported value: ["${value}"]: supported values: "All"`;
    causes.push({ reason: 'FieldValueNotSupported', field: 'dryRun', message });
  }
  if (causes.length) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', causes);
}

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/**
 * The finalizers of an object whose deletion begins with these options: the garbage collector waits behind `orphan` and
 * `foregroundDeletion`. Without a policy, what was there stays; where nothing was, the kind decides.
 */
export function deletionFinalizers(
  present: readonly string[],
  options: DeleteOptions,
  kind: { readonly orphansDependents?: boolean },
): string[] {
  const { propagationPolicy, orphanDependents } = options;
  const others = present.filter((name) => name !== orphan && name !== foreground);
  const given =
    propagationPolicy ?? (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background');
  const asked = given ?? (kind.orphansDependents && others.length === present.length ? 'Orphan' : undefined);
  if (asked === undefined) return [...present];
  if (asked === 'Orphan') return [...others, orphan];
  return asked === 'Foreground' ? [...others, foreground] : others;
}
