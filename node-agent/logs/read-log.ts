import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { parseLogLine } from './log-line.ts';

/** As in the options of a Pod's log (API reference, "PodLogOptions"). */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Only lines from this time on, in milliseconds. */
  readonly since: number | undefined;
}

const CHUNK_BYTES = 64 * 1024;
/** Files are looked at again though no event came, which some file systems never send. */
const LOOK_MS = 1000;

/** Reads a container's log as text. With `follow` it goes on until `isOver` says that no more will come, or the signal aborts. */
export async function* readLog(
  path: string,
  options: LogOptions & { readonly signal: AbortSignal; readonly isOver: () => boolean },
): AsyncGenerator<string> {
  await using file = await open(path);
  const format = lineFormatter(options);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let position = options.tailLines === undefined ? 0 : await tailPosition(file, options.tailLines);
  const changes = options.follow ? new FileChanges(path, options.signal) : undefined;
  using _ = changes;
  let rest = '';
  while (left > 0 && !options.signal.aborted) {
    // Asked before reading, so that what came before the end is still read.
    const over = changes === undefined || options.isOver();
    const decoder = new TextDecoder();
    for (let chunk = await readAt(file, position); chunk.length > 0; chunk = await readAt(file, position)) {
      position += chunk.length;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      const bytes = Buffer.from(lines.map(format).join(''));
      if (bytes.length > 0) yield bytes.subarray(0, left).toString();
      left -= bytes.length;
      if (left <= 0 || options.signal.aborted) return;
    }
    if (over) return;
    await changes?.next();
  }
}

function lineFormatter({ timestamps, since }: LogOptions): (line: string) => string {
  return (line) => {
    const parsed = parseLogLine(line);
    if (parsed === undefined || (since !== undefined && Date.parse(parsed.time) < since)) return '';
    return `${timestamps ? `${parsed.time} ` : ''}${parsed.text}${parsed.full ? '\n' : ''}`;
  };
}

async function readAt(file: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** Where the last so many lines begin, found from the end. */
async function tailPosition(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  let wanted = lines + 1;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = (await readAt(file, start)).subarray(0, end - start);
    for (let at = chunk.length - 1; at >= 0; at--) {
      if (chunk[at] !== 0x0a) continue;
      wanted -= 1;
      if (wanted === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** Tells when a file may have grown. */
class FileChanges implements Disposable {
  readonly #watcher: ReturnType<typeof watch>;
  readonly #timer: NodeJS.Timeout;
  #changed = Promise.withResolvers<void>();

  constructor(path: string, signal: AbortSignal) {
    const tell = (): void => this.#changed.resolve();
    this.#watcher = watch(path, tell).on('error', tell);
    this.#timer = setInterval(tell, LOOK_MS);
    signal.addEventListener('abort', tell, { once: true });
  }

  async next(): Promise<void> {
    await this.#changed.promise;
    this.#changed = Promise.withResolvers<void>();
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    clearInterval(this.#timer);
  }
}
