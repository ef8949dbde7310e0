import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { keyOf } from '@skiff/api/meta';
import type { Pod } from '@skiff/api/types';
import { exec } from '../../exec.ts';
import { defineCommand } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import type { Session } from '../session.ts';
import { containerOf } from './container-choice.ts';

interface Remote {
  readonly pod: Pod;
  readonly container: string;
  readonly path: string;
}

/** `kubectl cp`: copies files by `tar`, which must be in the container. */
export const command = defineCommand({
  usage: 'cp <file-spec-src> <file-spec-dest>',
  summary: 'Copy files and directories to and from containers.',
  flags: { container: text('c'), 'no-preserve': bool(), retries: text() },
  async run(session, { flags, args }) {
    const [from = '', to = ''] = args;
    if (args.length !== 2) throw new UsageError('source and destination are required');
    const [source, target] = [
      await remoteOf(session, from, flags.container),
      await remoteOf(session, to, flags.container),
    ];
    if (source && target) throw new CommandError('one of src or dest must be a local file specification');
    if (source) await download(session, source, resolve(session.io.cwd, to));
    else if (target) await upload(session, resolve(session.io.cwd, from), target);
    else throw new CommandError('one of src or dest must be a remote file specification');
  },
});

/** `[NAMESPACE/]POD:PATH`; undefined for a file of this machine. */
async function remoteOf(session: Session, spec: string, asked: string | undefined): Promise<Remote | undefined> {
  const colon = spec.indexOf(':');
  if (colon < 0) return undefined;
  const [place, path] = [spec.slice(0, colon), spec.slice(colon + 1)];
  if (place === '' || path === '') throw new CommandError('filepath can not be empty');
  const slash = place.indexOf('/');
  const key =
    slash < 0
      ? { namespace: session.namespace, name: place }
      : { namespace: place.slice(0, slash), name: place.slice(slash + 1) };
  const pod = await session.client.resource('Pod').get(key, { signal: session.signal });
  return { pod, container: containerOf(session, pod, { asked }), path };
}

async function download(session: Session, { pod, container, path }: Remote, to: string): Promise<void> {
  const into = existsSync(to) && statSync(to).isDirectory() ? join(to, posix.basename(path)) : to;
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-cp-'));
  try {
    const tar = spawn('tar', ['-x', '-f', '-', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
    const ended = once(tar, 'exit');
    let complaint = '';
    const { exitCode, message } = await exec(session.client, keyOf(pod), {
      container,
      command: ['tar', 'cf', '-', '-C', posix.dirname(path), posix.basename(path)],
      stdout: (chunk) => void tar.stdin.write(chunk),
      stderr: (chunk) => {
        complaint += chunk.toString('utf8');
      },
      signal: session.signal,
    });
    tar.stdin.end();
    await ended;
    if (exitCode !== 0) throw new CommandError(complaint.trim() || message || 'tar failed in the container');
    const [made = ''] = readdirSync(folder);
    rmSync(into, { recursive: true, force: true });
    cpSync(join(folder, made), into, { recursive: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function upload(session: Session, from: string, { pod, container, path }: Remote): Promise<void> {
  if (!existsSync(from)) throw new CommandError(`${from} doesn't exist in local filesystem`);
  const isFolder = await exec(session.client, keyOf(pod), {
    container,
    command: ['test', '-d', path],
    signal: session.signal,
  });
  const into = isFolder.exitCode === 0 ? posix.join(path, basename(from)) : path;
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-cp-'));
  try {
    // Packed under the name that it shall have.
    const name = posix.basename(into);
    cpSync(from, join(folder, 'copy'), { recursive: true });
    if (name !== 'copy') renameSync(join(folder, 'copy'), join(folder, name));
    const tar = spawn('tar', ['-c', '-f', '-', '-C', folder, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    let complaint = '';
    const { exitCode, message } = await exec(session.client, keyOf(pod), {
      container,
      command: ['tar', '-xmf', '-', '-C', dirname(into)],
      // Node throws away what a child has written and nobody has read by the time it exits.
      stdin: tar.stdout.pipe(new PassThrough()),
      stderr: (chunk) => {
        complaint += chunk.toString('utf8');
      },
      signal: session.signal,
    });
    if (exitCode !== 0) throw new CommandError(complaint.trim() || message || 'tar failed in the container');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
