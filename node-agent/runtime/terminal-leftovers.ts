import { readFileSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';

/**
 * crun copies what a program says at a terminal, but ends as soon as it hears that the program has, and that may be before it has read all,
 * or anything, of what the program said. The rest it reads and writes to its log, as if it were an error: in pieces of at most 255
 * bytes with a newline after each (`flush_fd_to_err` in src/libcrun/container.c, version 1.8.1 as all others that were looked at).
 */
const PIECE_BYTES = 255;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The text that a log of crun's holds in pieces. Where one is shorter than usual, the way that lines end at a terminal tells its newline apart. */
export function joinPieces(log: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let start = 0; start < log.length; ) {
    const isWhole = log[start + PIECE_BYTES] === NEWLINE;
    const end = isWhole ? start + PIECE_BYTES : endOfShort(log, start);
    pieces.push(log.subarray(start, end));
    start = end + 1;
  }
  return Buffer.concat(pieces);
}

function endOfShort(log: Buffer, start: number): number {
  // What a program says that has its terminal leave newlines alone comes in one piece, as far as can be known.
  let at = log.includes('\r\n', start) ? log.indexOf(NEWLINE, start) : -1;
  // Before the first byte of a piece, there is the newline after the one before.
  while (at >= 0 && log[at === start ? at - 2 : at - 1] === RETURN) at = log.indexOf(NEWLINE, at + 1);
  return at < 0 ? log.length - 1 : at;
}

/** What crun left in its log of what a program said; empty where there is none. */
export function readLeftovers(path: string): Buffer {
  try {
    return joinPieces(readFileSync(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** What a program says at crun's terminal, to the end. The log is removed. */
export function withLeftovers(stream: Readable, path: string): Readable {
  const all = async function* (): AsyncGenerator<Buffer> {
    yield* stream;
    const rest = readLeftovers(path);
    rmSync(path, { force: true });
    if (rest.length > 0) yield rest;
  };
  return Readable.from(all(), { objectMode: false });
}
