import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { dictionary } from './dictionary.ts';

export type Headers = Readonly<Record<string, string>>;

/** A block of headers can't be larger than this when it is unpacked. */
const MOST_BYTES = 256 * 1024;

/** Compresses the headers that one end sends: one zlib stream for the whole connection, so blocks must be sent in the order of packing. */
export class HeaderPacker {
  readonly #deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH });

  pack(headers: Headers): Promise<Buffer> {
    const pairs = Object.entries(headers).flatMap(([name, value]) => [counted(name.toLowerCase()), counted(value)]);
    return pass(this.#deflate, Buffer.concat([uint32(pairs.length / 2), ...pairs]));
  }

  close(): void {
    this.#deflate.close();
  }
}

/** The other end's. */
export class HeaderUnpacker {
  readonly #inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH });

  /** Names in lower case. Rejects what is no block of headers. */
  async unpack(block: Buffer): Promise<Headers> {
    const bytes = await pass(this.#inflate, block);
    let at = 0;
    const next = (): number => {
      at += 4;
      return bytes.readUInt32BE(at - 4);
    };
    const word = (): string => {
      const length = next();
      if (at + length > bytes.length) throw new Error('SPDY: a header is longer than its block');
      at += length;
      return bytes.toString('utf8', at - length, at);
    };
    const count = next();
    const headers: [string, string][] = [];
    while (headers.length < count) headers.push([word().toLowerCase(), word()]);
    return Object.fromEntries(headers);
  }

  close(): void {
    this.#inflate.close();
  }
}

function counted(word: string): Buffer {
  const bytes = Buffer.from(word);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What comes out of a zlib stream for these bytes. */
function pass(stream: Deflate | Inflate, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MOST_BYTES) stream.destroy(new Error('SPDY: the headers are too large'));
      else chunks.push(chunk);
    };
    const finish = (error?: Error | null): void => {
      stream.off('data', onData).off('error', finish);
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    };
    stream.on('data', onData).on('error', finish);
    stream.write(bytes, finish);
  });
}
