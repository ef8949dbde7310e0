import { statSync } from 'node:fs';
import { findInit, identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import type { ContainerStatus } from './runtime.ts';
import { type ContainerFiles, type ContainerRecord, readJson, readText, writeJson } from './state-folder.ts';

/** What the files and the kernel say about a container. */
export function containerState(files: ContainerFiles, record: ContainerRecord): ContainerStatus {
  const { config, createdAt } = record;
  const common = {
    id: files.id,
    sandboxId: files.sandboxId,
    name: config.name,
    attempt: config.attempt,
    imageId: config.image.id,
    createdAt,
  };
  const startedAt = writtenAt(files.started);
  const started = startedAt === undefined ? {} : { startedAt };
  const exitCode = exitCodeOf(files);
  if (exitCode !== undefined) {
    const finishedAt = writtenAt(files.exit) ?? createdAt;
    if (startedAt === undefined) {
      const message = startFailure(files);
      return { ...common, state: 'exited', finishedAt, exitCode: 128, reason: 'ContainerCannotRun', message };
    }
    return {
      ...common,
      ...started,
      state: 'exited',
      finishedAt,
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
    };
  }
  const launcher = Number(readText(files.launcher) ?? Number.NaN);
  if (Number.isNaN(launcher)) return { ...common, state: 'created' };
  const init = initProcess(files);
  if (init !== undefined || identify(launcher) !== undefined) {
    // Until its program runs, a container has not started.
    const state = startedAt === undefined ? 'created' : 'running';
    return { ...common, ...started, state, ...(init !== undefined && { pid: init.pid }) };
  }
  // The launcher has ended; its shim is about to say how, unless somebody killed it.
  const shim = shimOf(files);
  if (shim !== undefined && isAlive(shim))
    return { ...common, ...started, state: startedAt === undefined ? 'created' : 'running' };
  const message = 'the process that watched the container was killed; its exit status is not known';
  return {
    ...common,
    ...started,
    state: 'exited',
    finishedAt: new Date().toISOString(),
    exitCode: 137,
    reason: 'Error',
    message,
  };
}

/** The container's first process while it is alive. */
export function initProcess(files: ContainerFiles): ProcessIdentity | undefined {
  const known = readJson<ProcessIdentity>(files.init);
  if (known !== undefined) return isAlive(known) ? known : undefined;
  const launcher = Number(readText(files.launcher) ?? Number.NaN);
  const found = Number.isNaN(launcher) ? undefined : findInit(launcher);
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
