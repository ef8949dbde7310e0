/** How a log is shown; named as in the API ("Pod v1 core", read log). */
export interface LogFormat {
  /** Each line after its time. */
  readonly timestamps: boolean;
  /** Lines before it are left out; milliseconds since the epoch. */
  readonly since?: number;
  /** Only what was written there. */
  readonly stream?: 'stdout' | 'stderr';
}

const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * Turns the lines of a log in the CRI's format, `2026-01-02T03:04:05.000000000Z stdout F text`, into what the program wrote. `P` is a
 * line's beginning, `F` its end or the whole. Bytes stay as they are: programs need not write UTF-8.
 */
export class LogLines {
  readonly #format: LogFormat;
  #rest: Buffer = Buffer.alloc(0);
  #inLine = false;

  constructor(format: LogFormat) {
    this.#format = format;
  }

  /** What the next bytes of the file add to the output. The rest of a line that is not whole waits for more. */
  push(bytes: Buffer): Buffer {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const output: Uint8Array[] = [];
    let start = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, start)) {
      output.push(...this.#line(all.subarray(start, end)));
      start = end + 1;
    }
    // A copy, as the caller's buffer may be used again.
    this.#rest = Buffer.from(all.subarray(start));
    return Buffer.concat(output);
  }

  #line(line: Buffer): Uint8Array[] {
    const afterTime = line.indexOf(SPACE);
    const afterStream = line.indexOf(SPACE, afterTime + 1);
    const afterTag = line.indexOf(SPACE, afterStream + 1);
    // What a crash of the machine spoiled is no line.
    if (afterTime < 0 || afterStream < 0 || afterTag < 0) return [];
    const { since, timestamps, stream } = this.#format;
    if (stream !== undefined && line.toString('latin1', afterTime + 1, afterStream) !== stream) return [];
    const time = line.toString('latin1', 0, afterTime);
    if (since !== undefined && Date.parse(time) < since) return [];
    const isPartial = line[afterStream + 1] === 'P'.charCodeAt(0);
    const head = timestamps && !this.#inLine ? [Buffer.from(`${time} `)] : [];
    this.#inLine = isPartial;
    return [...head, line.subarray(afterTag + 1), ...(isPartial ? [] : [Buffer.from('\n')])];
  }
}
