import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from './differences.ts';

/** Recordings of the real server and the program that replays them; they lie beside the project, and are no part of it. */
const folder = process.env['SKIFF_GOLDEN'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'golden');
const program = join(folder, 'golden.mjs');

/** Why there is nothing to replay; false where there are recordings. */
export const recordingsMissing: string | false = existsSync(program) ? false : `no recordings at ${folder}`;

export interface Failure {
  readonly case: string;
  readonly step: string;
  readonly diff: readonly string[];
}

export interface Replayed {
  readonly total: number;
  readonly failures: readonly Failure[];
}

export interface ReplayOptions {
  /** Of the API server. */
  readonly socket: string;
  readonly timeoutMs: number;
  /** Which cases, by a regular expression on their names. Default: all. */
  readonly only?: string;
}

/** Replays cases; resolves to how many exchanges there were, and those that came out otherwise. */
export function replay({ socket, timeoutMs, only }: ReplayOptions): Promise<Replayed> {
  const scratch = mkdtempSync(join(tmpdir(), 'skiff-golden-'));
  const report = join(scratch, 'report.json');
  const some = only === undefined ? [] : ['--only', only];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'check', '--socket', socket, '--json', report, ...some],
      { timeout: timeoutMs },
      (error, stdout) => {
        try {
          const total = Number(/^\d+ of (\d+) exchanges/m.exec(stdout)?.[1]);
          if (!total) throw error ?? new Error(`no result in:\n${stdout}`);
          resolve({ total, failures: JSON.parse(readFileSync(report, 'utf8')) });
        } catch (failed) {
          reject(failed);
        } finally {
          rmSync(scratch, { recursive: true, force: true });
        }
      },
    );
  });
}

export const named = ({ case: name, step }: { case: string; step: string }): string => `${name} / ${step}`;

/** A failure in a line: why it is meant, or what came out otherwise. */
export function failureText(failure: Failure): string {
  const why = differences.find((difference) => named(difference) === named(failure))?.reason;
  return `${named(failure)}: ${why ?? failure.diff.slice(0, 2).join('; ').slice(0, 300)}`;
}
