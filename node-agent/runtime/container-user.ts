import { readFileSync } from 'node:fs';
import type { ContainerConfig } from './runtime.ts';

/** Whether a program can run as this user and group here. */
export function canRunAs({ uid, gid }: { readonly uid: number; readonly gid: number }): boolean {
  if (process.platform !== 'linux') return false;
  return (
    isMapped(uid, readFileSync('/proc/self/uid_map', 'utf8')) &&
    isMapped(gid, readFileSync('/proc/self/gid_map', 'utf8'))
  );
}

/** Rejects a user or group that this user namespace has no id for, because the program would silently run as another one. */
export function checkUser(user: NonNullable<ContainerConfig['user']>): void {
  const ids: [label: string, id: number, map: string][] = [
    ['runAsUser', user.uid, 'uid_map'],
    ['runAsGroup', user.gid, 'gid_map'],
    ...(user.groups ?? []).map((id): [string, number, string] => ['supplemental group', id, 'gid_map']),
  ];
  for (const [label, id, map] of ids) {
    if (isMapped(id, readFileSync(`/proc/self/${map}`, 'utf8'))) continue;
    throw new Error(
      `${label} ${id} can't be had: the cluster's user namespace maps no such id. Leave it out (the program then runs as root ` +
        'of the namespace, which is your own user), or start the cluster as root',
    );
  }
  if (user.groups !== undefined && user.groups.length > 0 && !canSetGroups()) {
    throw new Error("supplemental groups can't be set: the cluster's user namespace denies setgroups(2)");
  }
}

/** Whether setgroups(2) is allowed, which it is not where a user namespace was made without privileges. */
export function canSetGroups(): boolean {
  try {
    return readFileSync('/proc/self/setgroups', 'utf8').trim() === 'allow';
  } catch {
    return true;
  }
}

/** `map` is the text of /proc/PID/uid_map: lines of first inside, first outside, length. */
export function isMapped(id: number, map: string): boolean {
  return map.split('\n').some((line) => {
    const [first = Number.NaN, , length = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + length;
  });
}
