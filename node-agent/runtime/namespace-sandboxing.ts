import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { exitCodeOf, initProcess, writtenAt } from './container-state.ts';
import {
  findInit,
  identify,
  isAlive,
  namespaceOf,
  type ProcessIdentity,
  processesWith,
  signalProcess,
} from './process-identity.ts';
import { type PodSandbox, type PodSandboxConfig, StartError } from './runtime.ts';
import type { Sandboxing } from './sandboxing.ts';
import { type ContainerFiles, readJson, readText, type SandboxFiles, writeJson } from './state-folder.ts';
import { requireTool, runTool, toolEnvironment } from './tools.ts';

/** UTS and IPC namespaces are kept by bind mounts, so they cost no process; PID namespaces by their first processes. */
export class NamespaceSandboxing implements Sandboxing {
  async make(files: SandboxFiles, config: PodSandboxConfig): Promise<void> {
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

  async remove(files: SandboxFiles): Promise<void> {
    const pause = pauseProcess(files);
    if (pause !== undefined) {
      signalProcess(pause, 'SIGKILL');
      while (isAlive(pause)) await delay(2);
    }
    await unmount(files);
  }

  enter(files: SandboxFiles, { id, networkNamespace }: PodSandbox): string[] {
    if (networkNamespace === undefined) throw new StartError(`the sandbox ${id} has no network namespace`);
    const options = [`--net=${networkNamespace}`, `--uts=${files.uts}`, `--ipc=${files.ipc}`];
    return [requireTool('nsenter'), ...options, '--'];
  }

  pidNamespace(files: SandboxFiles, target: ProcessIdentity | undefined): string | undefined {
    const owner = pauseProcess(files) ?? target;
    return owner === undefined ? undefined : `/proc/${owner.pid}/ns/pid`;
  }

  marks(): undefined {
    return undefined;
  }

  findInit(files: ContainerFiles): ProcessIdentity | undefined {
    const launcher = Number(readText(files.launcher) ?? Number.NaN);
    return Number.isNaN(launcher) ? undefined : findInit(launcher);
  }

  /** With the first process its PID namespace ends; where that is shared, killStrays() does the rest. */
  async kill(_files: ContainerFiles, init: ProcessIdentity): Promise<void> {
    signalProcess(init, 'SIGKILL');
  }

  /** Where a Pod shares its PID namespace, the end of a container's first process leaves the others running. */
  killStrays(sandbox: SandboxFiles, containers: readonly ContainerFiles[]): void {
    const pause = pauseProcess(sandbox);
    if (pause === undefined) return;
    const alive = new Set([namespaceOf(process.pid, 'mnt')]);
    for (const files of containers) {
      if (exitCodeOf(files) !== undefined) continue;
      const init = writtenAt(files.started) === undefined ? undefined : initProcess(files, this);
      // One that is just starting, and changes namespaces meanwhile, can't be told from a stray; its own event follows.
      if (init === undefined) return;
      alive.add(namespaceOf(init.pid, 'mnt'));
    }
    for (const stray of processesWith(pause.pid)) {
      if (!alive.has(namespaceOf(stray.pid, 'mnt'))) signalProcess(stray, 'SIGKILL');
    }
  }

  home(_files: ContainerFiles, uid: number): string {
    return uid === 0 ? '/root' : '/';
  }
}

async function unmount(files: SandboxFiles): Promise<void> {
  const mounted = [files.uts, files.ipc].filter(isNamespace);
  if (mounted.length > 0) await runTool([requireTool('umount'), '--lazy', ...mounted]);
}

function isNamespace(path: string): boolean {
  return existsSync(path) && (readText('/proc/self/mounts') ?? '').includes(` ${path} nsfs `);
}

/** The first process of a sandbox's shared PID namespace while it runs. */
function pauseProcess(files: SandboxFiles): ProcessIdentity | undefined {
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
