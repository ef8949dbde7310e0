import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();
const remove = (path: string): void => rmSync(path, { recursive: true, force: true });

/** One listener for all clusters of this process: a test that fails hard, or exits, leaves no folders either. */
const removeAll = (): void => folders.forEach(remove);

/** A folder of this process alone, under the system's one for temporary files. */
export class TemporaryFolder implements Disposable {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), `skiff-test-${process.pid}-`));
    if (folders.size === 0) process.on('exit', removeAll);
    folders.add(this.path);
  }

  [Symbol.dispose](): void {
    remove(this.path);
    folders.delete(this.path);
    if (folders.size === 0) process.off('exit', removeAll);
  }
}
