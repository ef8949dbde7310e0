import { appendFileSync } from 'node:fs';

/** Longer lines are written in pieces, as CRI runtimes do. */
const MOST_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/** Writes one stream of a container to its log in the CRI's format. The file is opened anew for each write: to rotate it is to rename it. */
export class LogWriter {
  readonly #path: string;
  readonly #stream: 'stdout' | 'stderr';
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, stream: 'stdout' | 'stderr') {
    this.#path = path;
    this.#stream = stream;
  }

  /** What came after the last whole line: a prompt, mostly. */
  get unfinished(): Buffer {
    return this.#rest;
  }

  push(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const lines: Buffer[] = [];
    let start = 0;
    while (start < all.length) {
      const newline = all.indexOf(NEWLINE, start);
      const end = newline < 0 ? all.length : newline;
      if (end - start > MOST_BYTES) {
        lines.push(this.#line('P', all.subarray(start, start + MOST_BYTES)));
        start += MOST_BYTES;
      } else if (newline < 0) break;
      else {
        lines.push(this.#line('F', all.subarray(start, newline)));
        start = newline + 1;
      }
    }
    // A copy, as the bytes may be used again.
    this.#rest = Buffer.from(all.subarray(start));
    if (lines.length > 0) appendFileSync(this.#path, Buffer.concat(lines));
  }

  /** What was written last may be no whole line. */
  end(): void {
    if (this.#rest.length > 0) appendFileSync(this.#path, this.#line('P', this.#rest));
    this.#rest = Buffer.alloc(0);
  }

  #line(tag: 'P' | 'F', text: Buffer): Buffer {
    const time = new Date().toISOString().replace('Z', '000000Z');
    return Buffer.concat([Buffer.from(`${time} ${this.#stream} ${tag} `), text, Buffer.from('\n')]);
  }
}
