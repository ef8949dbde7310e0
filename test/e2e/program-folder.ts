import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Map<string, string>();

process.once('exit', () => {
  for (const folder of made.values()) rmSync(folder, { recursive: true, force: true });
});

/** A folder with a link to every program of the PATH but these, to stand for the PATH of a machine that lacks them. */
export function programFolder(without: readonly string[]): string {
  const key = without.toSorted().join(' ');
  const known = made.get(key);
  if (known) return known;
  const folder = mkdtempSync(join(tmpdir(), 'skiff-path-'));
  chmodSync(folder, 0o755);
  made.set(key, folder);
  const path = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].filter((one) => existsSync(one));
  for (const from of path) {
    for (const name of readdirSync(from)) {
      if (!without.includes(name) && !existsSync(join(folder, name))) symlinkSync(join(from, name), join(folder, name));
    }
  }
  return folder;
}
