import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** The bytes of a file, unpacked where it is compressed with gzip or zstd, as its first bytes tell. Errors come with the bytes. */
export async function readDecompressed(path: string): Promise<Readable> {
  const handle = await open(path);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0).finally(() => handle.close());
  const magic = buffer.toString('hex');
  const raw = createReadStream(path);
  const unpack = magic.startsWith('1f8b') ? createGunzip() : magic === '28b52ffd' ? createZstdDecompress() : undefined;
  if (!unpack) return raw;
  raw.on('error', (error) => unpack.destroy(error));
  return raw.pipe(unpack);
}
