import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in memory, where Linux has them: to remove some folders takes 0.1 ms there, and up to 20 ms on a busy disk. */
const memory = '/dev/shm';

const folders = new Set<string>();
const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

/** One listener for all clusters of this process: a test that fails hard, or exits, leaves no folders either. */
const removeAll = (): void => folders.forEach(remove);

/** Where this process makes its folders, and how their names begin. */
export const temporaryPlaces: readonly string[] = [memory, tmpdir()];
export const temporaryPrefix = `skiff-test-${process.pid}-`;

/** A folder of this process alone, for small things unless said otherwise. */
export class TemporaryFolder implements Disposable {
  readonly path: string;

  constructor({ large = false }: { readonly large?: boolean } = {}) {
    this.path = mkdtempSync(join(!large && isWritable(memory) ? memory : tmpdir(), temporaryPrefix));
    if (folders.size === 0) process.on('exit', removeAll);
    folders.add(this.path);
  }

  [Symbol.dispose](): void {
    remove(this.path);
    folders.delete(this.path);
    if (folders.size === 0) process.off('exit', removeAll);
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
