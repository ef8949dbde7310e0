import { invalidValue, nonNegative } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';

interface Counts {
  readonly [name: string]: unknown;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

/**
 * What the counts of a status must be to each other: none is negative, and none of `parts` exceeds the whole (upstream:
 * ValidateDeploymentStatus, ValidateReplicaSetStatus).
 */
export function validateCounts(
  status: object,
  names: { all: readonly string[]; parts: readonly string[] },
): StatusCause[] {
  // Decoded by the schema of its kind, so that what these names have is numbers.
  const counts = status as Counts;
  const count = (name: string): number => Number(counts[name] ?? 0);
  const causes = names.all.flatMap((name) => nonNegative(`status.${name}`, count(name)));
  for (const name of names.parts) {
    if (count(name) <= count('replicas')) continue;
    causes.push(invalidValue(`status.${name}`, count(name), 'cannot be greater than status.replicas'));
  }
  if (count('availableReplicas') > count('readyReplicas')) {
    const rule = 'cannot be greater than readyReplicas';
    causes.push(invalidValue('status.availableReplicas', count('availableReplicas'), rule));
  }
  return causes;
}
