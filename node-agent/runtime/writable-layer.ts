import { statSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';

/**
 * How many bytes a running container has written to its root, which is memory of its own, with what it was given there at its start. 0
 * where it is gone, and where it has no root of its own. `pid` is its first process.
 */
export async function writableLayerBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const root = `/proc/${pid}/root/`;
  try {
    if ((await stat(root)).dev === statSync('/').dev) return 0;
    const { blocks, bfree, bsize } = await statfs(root);
    return (blocks - bfree) * bsize;
  } catch {
    return 0;
  }
}
