import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity, signalProcess } from './process-identity.ts';
import type { PodSandboxConfig } from './runtime.ts';
import { readJson, readText, type SandboxFiles, writeJson } from './state-folder.ts';
import { requireTool, runTool, toolEnvironment } from './tools.ts';

/** Makes the namespaces that a Pod's containers share. UTS and IPC are kept by bind mounts, so they cost no process. May be repeated. */
export async function makeNamespaces(files: SandboxFiles, config: PodSandboxConfig): Promise<void> {
  mkdirSync(files.folder, { recursive: true });
  if (![files.uts, files.ipc].every(isNamespace)) {
    await unmount(files);
    for (const path of [files.uts, files.ipc]) writeFileSync(path, '');
    const keep = [requireTool('unshare'), `--uts=${files.uts}`, `--ipc=${files.ipc}`];
    // Not through /proc/sys, whose files belong to the root of the host.
    await runTool([...keep, requireTool('hostname', 'hostname'), config.hostname]);
  }
  if (config.shareProcessNamespace === true && pauseProcess(files) === undefined) await startPause(files);
}

/** The options of nsenter that lead into a sandbox. */
export function enterOptions(files: SandboxFiles, networkNamespace: string): string[] {
  return [`--net=${networkNamespace}`, `--uts=${files.uts}`, `--ipc=${files.ipc}`];
}

/** The PID namespace of a sandbox whose containers share one. */
export function sharedPidNamespace(files: SandboxFiles): string | undefined {
  const pause = pauseProcess(files);
  return pause === undefined ? undefined : `/proc/${pause.pid}/ns/pid`;
}

/** Removes what {@link makeNamespaces} made. May be repeated. */
export async function removeNamespaces(files: SandboxFiles): Promise<void> {
  const pause = pauseProcess(files);
  if (pause !== undefined) {
    signalProcess(pause, 'SIGKILL');
    while (isAlive(pause)) await delay(2);
  }
  await unmount(files);
}

async function unmount(files: SandboxFiles): Promise<void> {
  const mounted = [files.uts, files.ipc].filter(isNamespace);
  if (mounted.length > 0) await runTool([requireTool('umount'), '--lazy', ...mounted]);
}

function isNamespace(path: string): boolean {
  return existsSync(path) && (readText('/proc/self/mounts') ?? '').includes(` ${path} nsfs `);
}

/** The first process of a sandbox's shared PID namespace while it runs. */
export function pauseProcess(files: SandboxFiles): ProcessIdentity | undefined {
  const pause = readJson<ProcessIdentity>(files.pause);
  return pause !== undefined && isAlive(pause) ? pause : undefined;
}

/** The first process of a shared PID namespace: it reaps what the containers leave behind, and ends with the sandbox. */
async function startPause(files: SandboxFiles): Promise<void> {
  const pid = `${files.pause}.pid`;
  // In a namespace made for its children, a shell's first child is PID 1; the shell, left outside, only says who that is.
  const script = `sh -c 'while :; do sleep 2147483647 & wait; done' & echo $! >"$0"`;
  const child = spawn(requireTool('unshare'), ['--pid', requireTool('sh', 'dash'), '-c', script, pid], {
    detached: true,
    stdio: 'ignore',
    env: toolEnvironment,
    cwd: '/',
  });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  const identity = identify(Number(readText(pid)));
  if (code !== 0 || identity === undefined)
    throw new Error(`the Pod's PID namespace could not be made (unshare: exit code ${code})`);
  writeJson(files.pause, identity);
}
