import { badRequest } from '@skiff/api/status';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A map without a prototype member of that name, whatever the patch says. */
const settable = (name: string): boolean => name !== '__proto__';

function merge(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (!settable(name)) continue;
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

/** Applies a JSON Merge Patch (RFC 7386) to a copy: null removes, maps merge, everything else replaces. */
export function applyMergePatch(target: object, patch: unknown): unknown {
  if (!isMap(patch)) throw badRequest('error decoding patch: a merge patch is an object');
  return merge(target, patch);
}
