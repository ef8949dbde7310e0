import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { kubectl } from '@skiff/client/kubectl/main';

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there is nothing to compare with; false where the real kubectl is there. */
export const kubectlMissing: string | false =
  spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'kubectl is not on the PATH';

/** Runs command lines by the real kubectl and by ours, against one cluster. */
export class BothKubectls {
  readonly kubeconfig: string;
  readonly folder: string;

  constructor(options: { kubeconfig: string; folder: string }) {
    this.kubeconfig = options.kubeconfig;
    this.folder = options.folder;
  }

  /** A file for both to read; answers with its name. */
  file(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text);
    return name;
  }

  ours(args: readonly string[], options: OursOptions = {}): Promise<Told> {
    return runOurs(['--kubeconfig', this.kubeconfig, ...args], { ...options, cwd: this.folder });
  }

  theirs(args: readonly string[], options: { stdin?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Told> {
    return new Promise((resolve) => {
      const child = execFile(
        'kubectl',
        ['--kubeconfig', this.kubeconfig, ...args],
        { cwd: this.folder, env: { ...process.env, HOME: this.folder, ...options.env }, timeout: 30_000 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(options.stdin ?? '');
    });
  }
}

export interface OursOptions {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Called with all of standard output so far. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs our kubectl in this process. */
export async function runOurs(args: readonly string[], options: OursOptions & { cwd?: string } = {}): Promise<Told> {
  const { stdin = '', cwd = process.cwd(), env = {}, signal, onOutput } = options;
  let [stdout, stderr] = ['', ''];
  const text = (chunk: string | Uint8Array): string =>
    typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  const code = await kubectl(args, {
    io: {
      stdin: Readable.from([stdin]),
      out: (chunk) => {
        stdout += text(chunk);
        onOutput?.(stdout);
      },
      err: (chunk) => {
        stderr += text(chunk);
      },
      env: { HOME: cwd, PATH: process.env['PATH'], ...env },
      cwd,
      signal: signal ?? new AbortController().signal,
      colour: false,
    },
  });
  return { code, stdout, stderr };
}

/** Ages, and what else moves between two runs, made the same. */
export function still(text: string): string {
  return text.replace(/\b\d+(?:s|m\d+s|m)(?=\s|$|\))/gm, 'AGE');
}
