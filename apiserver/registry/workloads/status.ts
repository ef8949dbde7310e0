import { invalidValue, nonNegative } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';

/** None of these numbers of a status is negative. */
export const nonNegativeCounts = <Name extends string>(
  status: { readonly [K in Name]?: number | undefined } | undefined,
  names: readonly Name[],
): StatusCause[] => names.flatMap((name) => nonNegative(`status.${name}`, status?.[name]));

/** `status.collisionCount` only ever grows. */
export function validateCollisions(
  status: { collisionCount?: number } | undefined,
  old: { collisionCount?: number } | undefined,
): StatusCause[] {
  const before = old?.collisionCount;
  const now = status?.collisionCount;
  if (before === undefined || (now ?? 0) >= before) return [];
  return [invalidValue('status.collisionCount', now ?? 0, 'cannot be decremented')];
}
