import { badRequest } from '@skiff/api/status';
import type { Revision } from '../storage/store.ts';

/** Where a list in chunks goes on: after a key, at the revision that its first chunk showed. */
export interface ContinueToken {
  readonly revision: Revision;
  readonly after: string;
}

/** In a token's place of a revision: go on with what there is now, though that is another list than the one begun. */
export const latest: Revision = -1;

export function encodeToken({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString('base64url');
}

/** Throws 400 for what this server did not write. */
export function decodeToken(text: string): ContinueToken {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (v === 'meta.k8s.io/v1' && Number.isInteger(rv) && typeof start === 'string')
      return { revision: rv, after: start };
  } catch {
    // Falls through: no token of ours.
  }
  throw badRequest('continue key is not valid');
}
