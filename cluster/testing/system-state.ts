import { randomUUID } from 'node:crypto';
import type { Store } from '@skiff/apiserver/storage/store';

/** What each cluster has of its own in an object's text: uids and times, as `"uid":"..."` and `"2026-01-02T03:04:05Z"`. */
const own = /("uid":"[0-9a-f-]{36}"|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")/;

/** The system's objects, as the API server of this process's first cluster made them; every second piece is a cluster's own. */
let made: readonly { readonly key: string; readonly pieces: readonly string[] }[] | undefined;

/**
 * The API server makes some 150 objects at its first start: roles, namespaces, the Service `kubernetes`. To make them through all its
 * checks is a third of what a cluster in a test costs, so it is done once in a process; further clusters get copies, with uids and
 * times of their own. False where there is nothing to copy yet.
 */
export async function copySystemState(store: Store, { now }: { readonly now: number }): Promise<boolean> {
  if (!made) return false;
  const uids = new Map<string, string>();
  const today = JSON.stringify(`${new Date(now).toISOString().slice(0, 19)}Z`);
  const ownOf = (piece: string): string => {
    if (!piece.startsWith('"uid"')) return today;
    const known = uids.get(piece) ?? `"uid":"${randomUUID()}"`;
    uids.set(piece, known);
    return known;
  };
  await Promise.all(
    made.map(({ key, pieces }) =>
      store.create(key, pieces.map((piece, index) => (index % 2 === 0 ? piece : ownOf(piece))).join('')),
    ),
  );
  return true;
}

/** To be called when an API server has just started on an empty store. */
export function rememberSystemState(store: Store): void {
  made ??= store.list('').entries.map(({ key, value }) => ({ key, pieces: value.split(own) }));
}
