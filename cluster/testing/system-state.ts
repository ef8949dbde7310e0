import { randomUUID } from 'node:crypto';
import type { Entry, Store } from '@skiff/apiserver/storage/store';

const uid = /"uid":"([0-9a-f-]{36})"/g;
const time = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g;

/** The system's objects, as the API server of this process's first cluster made them. */
let made: readonly Entry[] | undefined;

/**
 * The API server makes some 150 objects at its first start: roles, namespaces, the Service `kubernetes`. To make them through all its
 * checks is a third of what a cluster in a test costs, so it is done once in a process; further clusters get copies, with uids and
 * times of their own.
 */
export async function copySystemState(store: Store, { now }: { readonly now: number }): Promise<void> {
  if (!made) return;
  const uids = new Map<string, string>();
  const newUid = (old: string): string => {
    const known = uids.get(old) ?? randomUUID();
    uids.set(old, known);
    return known;
  };
  const today = JSON.stringify(`${new Date(now).toISOString().slice(0, 19)}Z`);
  await Promise.all(
    made.map(({ key, value }) => {
      const own = value.replace(uid, (_match, old: string) => `"uid":"${newUid(old)}"`).replace(time, today);
      return store.create(key, own);
    }),
  );
}

/** To be called when an API server has just started on an empty store. */
export function rememberSystemState(store: Store): void {
  made ??= store.list('').entries;
}
