import { readFileSync } from 'node:fs';
import type { Image } from './image.ts';
import { scopedPath } from './scoped-path.ts';

export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom an image wants to run as, by its own /etc/passwd and /etc/group. Throws where they don't know a name. */
export function imageUser({ config, filesystem }: Pick<Image, 'config' | 'filesystem'>): ImageUser {
  const [user = '', group = ''] = config.user.split(':');
  if (user === '') return { uid: 0, gid: 0 };
  const lines = (file: string): string[][] =>
    filesystem.type === 'layers' ? linesOf(filesystem.layers.toReversed(), file) : [];
  const isNumber = (text: string): boolean => /^\d+$/.test(text);
  const entry = lines('etc/passwd').find(([name, , uid]) => name === user || uid === user);
  if (!entry && !isNumber(user)) throw new Error(`unable to find user ${user}: no matching entries in passwd file`);
  const uid = Number(entry?.[2] ?? user);
  if (group === '') return { uid, gid: Number(entry?.[3] ?? 0) };
  if (isNumber(group)) return { uid, gid: Number(group) };
  const found = lines('etc/group').find(([name]) => name === group);
  if (!found) throw new Error(`unable to find group ${group}: no matching entries in group file`);
  return { uid, gid: Number(found[2]) };
}

function linesOf(layers: readonly string[], file: string): string[][] {
  for (const layer of layers) {
    try {
      const text = readFileSync(scopedPath(layer, file, { followLast: true }), 'utf8');
      return text.split('\n').map((line) => line.split(':'));
    } catch {
      // An image need not have the file, nor every layer.
    }
  }
  return [];
}
