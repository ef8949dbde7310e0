import {
  chmodSync,
  createWriteStream,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { scopedPath } from './scoped-path.ts';
import { readTar, type TarEntry } from './tar-reader.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Its owner must be able to work with what is unpacked, whatever the image says. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Applies a layer of an image to a root folder (OCI image specification, "Image Layer Filesystem Changeset"): adds and replaces what is in it,
 * and removes what its whiteouts name. Nothing outside the root is touched, whatever names and links the archive has. Devices are left out.
 * Files get their owners where this process may give them.
 */
export async function unpackLayer(root: string, layer: AsyncIterable<Uint8Array>): Promise<void> {
  const ownsAll = process.getuid?.() === 0;
  const added = new Set<string>();
  for await (const entry of readTar(layer)) {
    const path = scopedPath(root, entry.name);
    if (path === root) continue;
    const name = basename(path);
    if (name === OPAQUE) clear(dirname(path), added);
    else if (name.startsWith(WHITEOUT)) {
      const hidden = name.slice(WHITEOUT.length);
      if (hidden === '' || hidden === '.' || hidden === '..') throw new Error(`the layer hides "${entry.name}"`);
      remove(join(dirname(path), hidden), added);
    } else {
      await add(root, path, entry);
      if (ownsAll && lstatSync(path, { throwIfNoEntry: false })) lchownSync(path, entry.uid, entry.gid);
      // A change of owner takes the set-user-ID bit away.
      if (ownsAll && entry.type === 'file') chmodSync(path, entry.mode | FILE_MODE);
      for (let at = path; at !== root && !added.has(at); at = dirname(at)) added.add(at);
    }
  }
}

async function add(root: string, path: string, entry: TarEntry): Promise<void> {
  if (entry.type === 'other') return;
  const there = lstatSync(path, { throwIfNoEntry: false });
  const keepsFolder = entry.type === 'directory' && there?.isDirectory() === true;
  if (there && !keepsFolder) rmSync(path, { recursive: true });
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  switch (entry.type) {
    case 'directory':
      if (!keepsFolder) mkdirSync(path);
      chmodSync(path, entry.mode | FOLDER_MODE);
      return;
    case 'symlink':
      symlinkSync(entry.target, path);
      return;
    case 'link':
      linkSync(scopedPath(root, entry.target), path);
      return;
    case 'file':
      await pipeline(Readable.from(entry.body), createWriteStream(path, { flags: 'wx', mode: FILE_MODE }));
      chmodSync(path, entry.mode | FILE_MODE);
      utimesSync(path, entry.mtime, entry.mtime);
  }
}

/** Removes what lower layers have there; what this layer has put there already stays. */
function remove(path: string, added: ReadonlySet<string>): void {
  if (!added.has(path)) rmSync(path, { recursive: true, force: true });
  else if (lstatSync(path).isDirectory()) clear(path, added);
}

function clear(folder: string, added: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) remove(join(folder, name), added);
}
