import { statSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import type { ContainerStatus } from './runtime.ts';
import type { Sandboxing } from './sandboxing.ts';
import { type ContainerFiles, type ContainerRecord, readJson, readText, writeJson } from './state-folder.ts';

/** What the files and the kernel say about a container. */
export function containerState(
  files: ContainerFiles,
  record: ContainerRecord,
  sandboxing: Pick<Sandboxing, 'findInit'>,
): ContainerStatus {
  const { config, createdAt } = record;
  const common = {
    id: files.id,
    sandboxId: files.sandboxId,
    name: config.name,
    attempt: config.attempt,
    imageId: config.image.id,
    createdAt,
  };
  // In the order opposite to that of their making: a shim that ended has written the exit, an exit comes after the start.
  const shim = shimOf(files);
  const watched = shim !== undefined && isAlive(shim);
  const exitCode = exitCodeOf(files);
  const startedAt = writtenAt(files.started);
  const started = startedAt === undefined ? {} : { startedAt };
  if (exitCode !== undefined) {
    const ended = { ...common, ...started, state: 'exited', finishedAt: writtenAt(files.exit) ?? createdAt } as const;
    if (startedAt === undefined) {
      return { ...ended, exitCode: 128, reason: 'ContainerCannotRun', message: startFailure(files) };
    }
    const message = readText(lostFile(files));
    return {
      ...ended,
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message !== undefined && { message }),
    };
  }
  const init = initProcess(files, sandboxing);
  if (shim !== undefined && !watched && init === undefined) {
    // Somebody killed the shim, so nobody saw the end: it is written down here, once.
    writeFileSync(lostFile(files), 'the process that watched the container was killed; its exit status is not known');
    writeFileSync(files.exit, '137\n');
    return containerState(files, record, sandboxing);
  }
  // Until its program runs, a container has not started.
  if (startedAt === undefined) return { ...common, state: 'created' };
  return { ...common, ...started, state: 'running', ...(init !== undefined && { pid: init.pid }) };
}

function lostFile(files: ContainerFiles): string {
  return `${files.folder}/lost`;
}

/** The container's first process while it is alive. */
export function initProcess(
  files: ContainerFiles,
  sandboxing: Pick<Sandboxing, 'findInit'>,
): ProcessIdentity | undefined {
  const known = readJson<ProcessIdentity>(files.init);
  if (known !== undefined) return isAlive(known) ? known : undefined;
  const found = sandboxing.findInit(files);
  // Before its program runs, the first process may not be final: it is remembered from then on.
  if (found !== undefined && writtenAt(files.started) !== undefined) writeJson(files.init, found);
  return found;
}

/** Undefined until the shim has written it. */
export function exitCodeOf(files: ContainerFiles): number | undefined {
  const text = readText(files.exit)?.trim();
  return text === undefined || text === '' ? undefined : Number(text);
}

/** What the launcher said before the program could run. */
export function startFailure(files: ContainerFiles): string {
  const text = readText(files.error)?.trim() ?? '';
  return text === '' ? 'the container could not be made, for a reason that its launcher did not say' : text;
}

export function rememberShim(files: ContainerFiles, pid: number): void {
  const shim = identify(pid);
  if (shim !== undefined) writeJson(`${files.folder}/shim.json`, shim);
}

export function shimOf(files: ContainerFiles): ProcessIdentity | undefined {
  return readJson<ProcessIdentity>(`${files.folder}/shim.json`);
}

/** When a file got its content; undefined while it has none. */
export function writtenAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || stats.size === 0 ? undefined : stats.mtime.toISOString();
}
