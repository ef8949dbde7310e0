import { createWriteStream, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readDecompressed } from './decompress.ts';
import { scopedPath } from './scoped-path.ts';
import { readTar } from './tar-reader.ts';

/** An image archive as a folder: a folder is one already, a tar file is unpacked into `scratch`. Rejects what is neither, or is cut off. */
export async function archiveFolder(file: string, scratch: string): Promise<string> {
  if (statSync(file).isDirectory()) return file;
  for await (const { name, type, target, body } of readTar(await readDecompressed(file))) {
    const path = scopedPath(scratch, name);
    if (path === scratch) continue;
    mkdirSync(type === 'directory' ? path : dirname(path), { recursive: true });
    if (type === 'file') await pipeline(Readable.from(body), createWriteStream(path));
    // Old versions of docker save link to layers that an archive has twice.
    if (type === 'symlink') symlinkSync(target, path);
  }
  return scratch;
}
