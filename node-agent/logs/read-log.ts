import { type FileHandle, open, stat } from 'node:fs/promises';
import { type LogFormat, LogLines } from './log-lines.ts';

export interface LogOptions extends LogFormat {
  /** Only so many lines from the end. */
  readonly tailLines?: number;
  /** From this byte of the file on. */
  readonly from?: number;
  /** No more than so many bytes. */
  readonly limitBytes?: number;
}

/** Of a log that is still being written. */
export interface Follow {
  /** Resolves when there may be more in the file; `ended` when nothing will be written any more. */
  readonly more: () => Promise<'more' | 'ended'>;
}

const CHUNK_BYTES = 64 * 1024;

/** What a container wrote, as it stands in its log file; a file that is not there yet is an empty one. */
export async function* readLog(path: string, options: LogOptions, follow?: Follow): AsyncGenerator<Buffer> {
  const { tailLines, limitBytes = Number.POSITIVE_INFINITY, from = 0, ...format } = options;
  await using log = new LogFile(path);
  const lines = new LogLines(format);
  let position = tailLines === undefined ? from : await log.startOfLast(tailLines);
  let left = limitBytes;
  let isOver = follow === undefined;
  let hasMoved = false;
  while (left > 0) {
    const bytes = await log.read(position);
    position += bytes.length;
    const output = lines.push(bytes).subarray(0, left);
    left -= output.length;
    if (output.length > 0) yield output;
    if (bytes.length > 0) continue;
    if (hasMoved) {
      await log.reopen();
      position = 0;
      hasMoved = false;
      continue;
    }
    // A file that was put aside is read to its end before the next one.
    hasMoved = follow !== undefined && (await log.hasMoved());
    if (hasMoved) continue;
    if (isOver) return;
    // One more look after the end: what was written before it must not be missed.
    isOver = (await follow?.more()) !== 'more';
  }
}

class LogFile {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The bytes from there on, a chunk at most. */
  async read(position: number): Promise<Buffer> {
    const handle = await this.#open();
    if (!handle) return Buffer.alloc(0);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Whether another file stands where this one was. */
  async hasMoved(): Promise<boolean> {
    if (!this.#handle) return false;
    const [own, there] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => undefined)]);
    return there !== undefined && there.ino !== own.ino;
  }

  async reopen(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** Where the last so many lines begin, found from the end. */
  async startOfLast(count: number): Promise<number> {
    const handle = await this.#open();
    if (!handle) return 0;
    const { size } = await handle.stat();
    let found = 0;
    for (let end = size; end > 0; end -= CHUNK_BYTES) {
      const start = Math.max(0, end - CHUNK_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
      const bytes = buffer.subarray(0, bytesRead);
      for (let at = bytes.lastIndexOf('\n'); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf('\n', at - 1)) {
        found += 1;
        // The newline that ends the line before the first wanted one.
        if (found > count) return start + at + 1;
      }
    }
    return 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }

  async #open(): Promise<FileHandle | undefined> {
    this.#handle ??= await open(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    return this.#handle;
  }
}
