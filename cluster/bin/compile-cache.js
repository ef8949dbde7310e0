// Where Node keeps what it has compiled (and stripped of types): with the project, where the programs in Pods find it too, or
// else in the user's cache home. Never Node's default, a folder in /tmp that somebody else may have made.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..');
/** The outermost one that the project is installed below, or its own. */
const modules = /^.*?\/node_modules(?=\/)/.exec(project)?.[0] ?? join(project, 'node_modules');

/** Sets it for this process's children, and for itself if it calls `enableCompileCache` afterwards. */
export function useCompileCache() {
  process.env['NODE_COMPILE_CACHE_PORTABLE'] = '1';
  process.env['NODE_COMPILE_CACHE'] ??= firstWritable([
    join(modules, '.cache', 'skiff'),
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'skiff'),
  ]);
}

/** The last one, where none is: Node then goes on without. */
function firstWritable(folders) {
  const found = folders.find((folder) => {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ?? folders.at(-1);
}
