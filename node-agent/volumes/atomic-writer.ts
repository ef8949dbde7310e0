import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

export interface PayloadFile {
  readonly content: Buffer | string;
  /** Permission bits. */
  readonly mode: number;
}

/** Files by their path in the volume, which never leaves it: `app.conf`, `certs/ca.crt`. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const DATA = '..data';

/**
 * Brings the files of a volume into line in one step, as the kubelet does (pkg/volume/util/atomic_writer.go): they lie in a folder named for
 * the time, `..data` links to it, and each visible name links through `..data`. Replacing that one link replaces them all. Does
 * nothing where the content is the same. The files belong to `group`, where one is given, which may read them.
 */
export function writeAtomically(folder: string, given: Payload, { group }: { group?: number | undefined } = {}): void {
  const payload = group === undefined ? given : readableByGroup(given);
  for (const path of payload.keys()) {
    if (path.startsWith('/') || path.split('/').includes('..')) throw new Error(`invalid path "${path}" in a volume`);
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  const link = join(folder, DATA);
  const before = existsSync(link) ? readlinkSync(link) : undefined;
  if (before !== undefined && holds(join(folder, before), payload)) return;
  const time = new Date().toISOString().replaceAll(/[-:]/g, '_').replace('T', '_').replace('Z', '');
  const fresh = mkdtempSync(join(folder, `..${time}.`));
  chmodSync(fresh, 0o755);
  for (const [path, { content, mode }] of payload) {
    const file = join(fresh, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    if (group !== undefined) chownSync(file, process.getuid?.() ?? 0, group);
    chmodSync(file, mode);
  }
  const temporary = join(folder, '..data_tmp');
  rmSync(temporary, { force: true });
  symlinkSync(fresh.slice(folder.length + 1), temporary);
  renameSync(temporary, link);
  linkNames(folder, payload);
  if (before !== undefined) rmSync(join(folder, before), { recursive: true, force: true });
}

function readableByGroup(payload: Payload): Payload {
  return new Map([...payload].map(([path, file]) => [path, { ...file, mode: file.mode | 0o040 }]));
}

/** The visible names: made after the data, removed after the data too, so that none ever leads nowhere. */
function linkNames(folder: string, payload: Payload): void {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  const there = new Set(readdirSync(folder).filter((name) => !name.startsWith('..')));
  for (const name of names) if (!there.has(name)) symlinkSync(join(DATA, name), join(folder, name));
  for (const name of there) if (!names.has(name)) unlinkSync(join(folder, name));
}

function holds(folder: string, payload: Payload): boolean {
  if (!existsSync(folder)) return false;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length !== payload.size) return false;
  for (const [path, { content, mode }] of payload) {
    const file = join(folder, path);
    if (!existsSync(file) || (statSync(file).mode & 0o777) !== mode) return false;
    if (!readFileSync(file).equals(Buffer.from(content))) return false;
  }
  return true;
}
