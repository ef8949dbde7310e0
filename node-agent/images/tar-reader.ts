/** An entry of a tar archive, with what pax and GNU headers say about it. */
export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'link' | 'symlink' | 'directory' | 'other';
  /** Of links. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  /** The bytes of a file; those that are not read are skipped. */
  readonly body: AsyncIterable<Buffer>;
}

const BLOCK = 512;
const types: Readonly<Record<string, TarEntry['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};
/** Names and extended headers; more is an attack. */
const MOST_HEADER_BYTES = 1 << 20;

/**
 * Reads a tar archive (POSIX ustar and pax, GNU long names; tar(5)). Throws an Error where it is cut off or is none. An entry's body must be
 * read before the next entry is asked for.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new Source(bytes);
  let extended: Record<string, string> = {};
  let global: Record<string, string> = {};
  for (;;) {
    const header = await source.block();
    // The archive ends with two empty blocks; some writers leave the second out.
    if (header.every((byte) => byte === 0)) return source.drain();
    checkSum(header);
    const flag = text(header, 156, 1) || '\0';
    const size = number(extended['size'] ?? octal(header, 124, 12));
    if ('xgLK'.includes(flag)) {
      if (size > MOST_HEADER_BYTES) throw new Error('the archive has a header that is too large');
      const body = Buffer.concat(await source.all(size)).subarray(0, size);
      if (flag === 'x') extended = { ...extended, ...paxRecords(body) };
      else if (flag === 'g') global = { ...global, ...paxRecords(body) };
      else extended = { ...extended, [flag === 'L' ? 'path' : 'linkpath']: text(body, 0, body.length) };
      continue;
    }
    const records = { ...global, ...extended };
    extended = {};
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
    const name = records['path'] ?? [prefix, text(header, 0, 100)].filter(Boolean).join('/');
    const type = types[flag] ?? 'other';
    const body = source.body(type === 'file' ? size : 0);
    yield {
      name,
      type,
      target: records['linkpath'] ?? text(header, 157, 100),
      mode: octal(header, 100, 8) & 0o7777,
      uid: number(records['uid'] ?? octal(header, 108, 8)),
      gid: number(records['gid'] ?? octal(header, 116, 8)),
      mtime: number(records['mtime'] ?? octal(header, 136, 12)),
      size,
      body: body.bytes(),
    };
    await body.skip();
  }
}

/** Cuts a stream into the blocks of an archive. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  async block(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = BLOCK; left > 0; ) {
      const part = await this.#some(left);
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** What is behind the end is read too, so that who counts bytes has seen all of them. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  async all(size: number): Promise<Buffer[]> {
    const parts: Buffer[] = [];
    const body = this.body(size);
    for await (const part of body.bytes()) parts.push(part);
    await body.skip();
    return parts;
  }

  /** The next `size` bytes, which are filled up to whole blocks. */
  body(size: number): { bytes: () => AsyncGenerator<Buffer>; skip: () => Promise<void> } {
    let left = size;
    let filler = (BLOCK - (size % BLOCK)) % BLOCK;
    const some = (most: number): Promise<Buffer> => this.#some(most);
    return {
      bytes: async function* () {
        while (left > 0) {
          const part = await some(left);
          left -= part.length;
          yield part;
        }
      },
      skip: async () => {
        while (left > 0) left -= (await some(left)).length;
        while (filler > 0) filler -= (await some(filler)).length;
      },
    };
  }

  async #some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done === true) throw new Error('the archive is cut off');
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}

function text(block: Buffer, start: number, length: number): string {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Digits in base 8; or, for what is too large for them, bytes after one with its highest bit set. */
function octal(block: Buffer, start: number, length: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) return Number(block.readBigUInt64BE(start + length - 8));
  return Number.parseInt(text(block, start, length).trim() || '0', 8);
}

function number(value: string | number): number {
  const found = Number(value);
  if (!Number.isFinite(found) || found < 0) throw new Error('this is no tar archive');
  return found;
}

function checkSum(header: Buffer): void {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octal(header, 148, 8) !== sum) throw new Error('this is no tar archive');
}

/** `LENGTH NAME=VALUE\n`, again and again. */
function paxRecords(body: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 12), 10);
    if (!(length > 0)) break;
    const record = body.toString('utf8', body.indexOf(0x20, at) + 1, at + length - 1);
    const mark = record.indexOf('=');
    records[record.slice(0, mark)] = record.slice(mark + 1);
    at += length;
  }
  return records;
}
