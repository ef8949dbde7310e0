import type { Readable } from 'node:stream';

/** What a command may touch beside the API server. Tests give their own. */
export interface Io {
  readonly stdin: Readable;
  /** Writes to standard output. */
  out(text: string | Uint8Array): void;
  /** Writes to standard error. */
  err(text: string | Uint8Array): void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** Whether output may be coloured: a terminal, and NO_COLOR unset (no-color.org). */
  readonly colour: boolean;
}

/** Standard input and output of this process. */
export function processIo(signal: AbortSignal): Io {
  const { env, stdin, stdout, stderr } = process;
  return {
    stdin,
    env,
    signal,
    cwd: process.cwd(),
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    colour: stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  };
}
