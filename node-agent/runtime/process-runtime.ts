import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { attachToLog } from './attach-log.ts';
import { attachToShim } from './attach-session.ts';
import {
  containerState,
  exitCodeOf,
  initProcess,
  rememberShim,
  shimOf,
  startFailure,
  writtenAt,
} from './container-state.ts';
import { EventFolder } from './event-folder.ts';
import { startExec } from './exec-session.ts';
import type { ContainerPlan, Launcher } from './launcher.ts';
import { identify, isAlive, type ProcessIdentity, signalProcess } from './process-identity.ts';
import type {
  AttachOptions,
  ContainerConfig,
  ContainerRuntime,
  ContainerStatus,
  ExecOptions,
  ExecSession,
  PodSandbox,
  PodSandboxConfig,
} from './runtime.ts';
import { StartError } from './runtime.ts';
import type { Sandboxing } from './sandboxing.ts';
import { isInteractive, shimCommand } from './shim-command.ts';
import {
  type ContainerFiles,
  type ContainerRecord,
  readJson,
  readText,
  type SandboxRecord,
  StateFolder,
  writeJson,
} from './state-folder.ts';
import { toolEnvironment } from './tools.ts';

/** How long a container may take until its program runs; a machine under load is slow, a stuck mount is for ever. */
const startTimeoutMs = 60_000;
/** What a container gets that has none of its own, as with every CRI runtime. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ProcessRuntimeOptions {
  readonly launcher: Launcher;
  readonly sandboxing: Sandboxing;
  /** A folder that vanishes when the processes do, as the cluster's own /run does. */
  readonly stateDir: string;
}

/**
 * Containers as processes that outlive the node agent: each has a shim (shim.sh) which copies its output and writes its exit status to
 * the state folder. What is in the state folder and in /proc is all there is to know, so nothing is kept in memory.
 */
export class ProcessRuntime implements ContainerRuntime {
  readonly version: string;
  readonly #launcher: Launcher;
  readonly #sandboxing: Sandboxing;
  readonly #state: StateFolder;
  readonly #events: EventFolder;

  constructor({ launcher, sandboxing, stateDir }: ProcessRuntimeOptions) {
    this.version = launcher.version;
    this.#launcher = launcher;
    this.#sandboxing = sandboxing;
    this.#state = new StateFolder(stateDir);
    this.#state.create();
    this.#events = new EventFolder(this.#state.events);
    this.#events.onEvent((file) => this.#killStrays(file));
  }

  async listPodSandboxes(): Promise<PodSandbox[]> {
    return readdirSync(this.#state.sandboxes).flatMap((id) => this.#sandbox(id) ?? []);
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox> {
    if (!/^[\w-]+$/.test(config.id))
      throw new Error(`"${config.id}" is no sandbox id: letters, digits and dashes only`);
    const there = this.#sandbox(config.id);
    if (there?.state === 'ready') return there;
    const files = this.#state.sandbox(config.id);
    rmSync(files.stopped, { force: true });
    await this.#sandboxing.make(files, config);
    const record: SandboxRecord = { config, createdAt: there?.createdAt ?? new Date().toISOString() };
    writeJson(files.record, record);
    return toSandbox(record, 'ready');
  }

  async stopPodSandbox(id: string): Promise<void> {
    const files = this.#state.sandbox(id);
    if (!existsSync(files.folder)) return;
    writeFileSync(files.stopped, '');
    await Promise.all(this.#containerIds(id).map((container) => this.stopContainer(container, { graceMs: 0 })));
    await this.#sandboxing.remove(files);
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    await Promise.all(this.#containerIds(id).map((container) => this.removeContainer(container)));
    rmSync(this.#state.sandbox(id).folder, { recursive: true, force: true });
  }

  async createContainer(sandboxId: string, given: ContainerConfig): Promise<string> {
    const id = `${sandboxId}/${given.name}/${given.attempt}`;
    const files = this.#state.container(id);
    const { hostname } = readJson<SandboxRecord>(this.#state.sandbox(sandboxId).record)?.config ?? {};
    const usual = {
      PATH: defaultPath,
      HOME: this.#sandboxing.home(files, given.user?.uid ?? 0),
      ...(hostname && { HOSTNAME: hostname }),
      ...(given.tty && { TERM: 'xterm' }),
    };
    const config = { ...given, env: { ...usual, ...given.env } };
    if (existsSync(files.record)) return id;
    if (this.#sandbox(sandboxId)?.state !== 'ready')
      throw new Error(`container ${config.name}: the sandbox ${sandboxId} is not ready`);
    if (config.args.length === 0) throw new Error(`container ${config.name}: no program to run`);
    rmSync(files.folder, { recursive: true, force: true });
    mkdirSync(files.folder, { recursive: true });
    try {
      mkdirSync(dirname(config.logPath), { recursive: true });
      this.#launcher.prepare(this.#plan(id, config));
    } catch (error) {
      rmSync(files.folder, { recursive: true, force: true });
      throw error;
    }
    const record: ContainerRecord = { config, createdAt: new Date().toISOString() };
    writeJson(files.record, record);
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const { files, config } = this.#existing(id);
    const started = (): 'running' | 'failed' | undefined =>
      writtenAt(files.started) !== undefined ? 'running' : exitCodeOf(files) !== undefined ? 'failed' : undefined;
    if (started() === undefined && shimOf(files) === undefined) await this.#spawnShim(id, config);
    const outcome = await this.#events.until(started, startTimeoutMs);
    if (outcome === 'running') {
      this.#init(files);
      return;
    }
    if (outcome === undefined) {
      await this.stopContainer(id, { graceMs: 0 });
      throw new StartError(`the container did not start within ${startTimeoutMs / 1000} s: ${startFailure(files)}`);
    }
    throw new StartError(startFailure(files));
  }

  async stopContainer(id: string, options: { graceMs: number; signal?: string }): Promise<void> {
    const status = await this.containerStatus(id);
    const { files } = this.#locate(id);
    if (status === undefined || status.state === 'exited' || shimOf(files) === undefined) return;
    const ended = (): true | undefined => (exitCodeOf(files) !== undefined ? true : undefined);
    const init = this.#init(files);
    if (init !== undefined && options.graceMs > 0) {
      // The kubelet passes names with and without SIG.
      signalProcess(init, `SIG${(options.signal ?? 'TERM').replace(/^SIG/, '')}` as NodeJS.Signals);
      if ((await this.#events.until(ended, options.graceMs)) === true) return;
    }
    await this.#kill(id);
    // The shim needs a moment; one that was killed will never report.
    while ((await this.#events.until(ended, 100)) === undefined) {
      const shim = shimOf(files);
      if (shim === undefined || !isAlive(shim)) return;
      await this.#kill(id);
    }
  }

  async removeContainer(id: string): Promise<void> {
    await this.stopContainer(id, { graceMs: 0 });
    const { files } = this.#locate(id);
    const shim = shimOf(files);
    while (shim !== undefined && isAlive(shim)) await delay(2);
    for (const path of [files.folder, files.started, files.exit, files.attach])
      rmSync(path, { recursive: true, force: true });
  }

  async listContainers(sandboxId?: string): Promise<ContainerStatus[]> {
    const sandboxes = sandboxId === undefined ? readdirSync(this.#state.sandboxes) : [sandboxId];
    const ids = sandboxes.flatMap((sandbox) => this.#containerIds(sandbox));
    return (await Promise.all(ids.map((id) => this.containerStatus(id)))).filter((status) => status !== undefined);
  }

  async containerStatus(id: string): Promise<ContainerStatus | undefined> {
    const { files, record } = this.#locate(id);
    return record === undefined ? undefined : containerState(files, record, this.#sandboxing);
  }

  async exec(id: string, options: ExecOptions): Promise<ExecSession> {
    const plan = this.#existing(id);
    const init = this.#init(plan.files);
    if (init === undefined) throw new Error(`container ${id} is not running`);
    const [program] = options.command;
    if (program === undefined) throw new Error('no command to run');
    const command = this.#launcher.execCommand({ ...plan, init }, options.command, options.tty === true);
    return startExec(command, { ...options, namespaces: plan.marks === undefined });
  }

  async attach(id: string, options: AttachOptions): Promise<ExecSession> {
    const { files, config } = this.#existing(id);
    if (this.#init(files) === undefined) throw new Error(`container ${id} is not running`);
    if (isInteractive(config)) return attachToShim(files.attach, options);
    return attachToLog({ path: config.logPath, containerId: id, runtime: this }, options);
  }

  onChange(callback: (containerId: string) => void): () => void {
    return this.#events.onEvent((file) => {
      const id = StateFolder.containerOfEvent(file);
      if (id === undefined) return;
      const { record } = this.#locate(id);
      // Each file is seen twice, empty and written; and a removal is no change of a container.
      if (record === undefined || writtenAt(join(this.#state.events, file)) === undefined) return;
      callback(id);
    });
  }

  async close(): Promise<void> {
    this.#events.close();
  }

  async #spawnShim(id: string, config: ContainerConfig): Promise<void> {
    const plan = this.#plan(id, config);
    const { files } = plan;
    const sandbox = this.#state.sandbox(files.sandboxId);
    const ready = this.#sandbox(files.sandboxId);
    if (ready?.state !== 'ready') throw new StartError(`the sandbox of ${id} is stopped`);
    const enter = this.#sandboxing.enter(sandbox, ready);
    const [file = '', ...args] = shimCommand(plan, enter, this.#launcher.command(plan));
    const shim = spawn(file, args, { detached: true, stdio: 'ignore', cwd: '/', env: toolEnvironment });
    await once(shim, 'spawn');
    if (shim.pid !== undefined) rememberShim(files, shim.pid);
    shim.unref();
  }

  #init(files: ContainerFiles): ProcessIdentity | undefined {
    return initProcess(files, this.#sandboxing);
  }

  /** Kills what runs in the container, or the launcher that is about to start it. */
  async #kill(id: string): Promise<void> {
    const { files } = this.#locate(id);
    const init = this.#init(files);
    if (init !== undefined) await this.#sandboxing.kill(files, init);
    else {
      const launcher = identify(Number(readText(files.launcher) ?? Number.NaN));
      if (launcher !== undefined) signalProcess(launcher, 'SIGKILL');
    }
  }

  #killStrays(event: string): void {
    const [sandboxId = ''] = event.split('.');
    const started = this.#containerIds(sandboxId).map((id) => this.#state.container(id));
    const files = started.filter((one) => shimOf(one) !== undefined);
    this.#sandboxing.killStrays(this.#state.sandbox(sandboxId), files);
  }

  #sandbox(id: string): PodSandbox | undefined {
    const files = this.#state.sandbox(id);
    const record = readJson<SandboxRecord>(files.record);
    return record === undefined ? undefined : toSandbox(record, existsSync(files.stopped) ? 'notReady' : 'ready');
  }

  #containerIds(sandboxId: string): string[] {
    const { containers } = this.#state.sandbox(sandboxId);
    if (!existsSync(containers)) return [];
    return readdirSync(containers).map((folder) => `${sandboxId}/${folder.replace('.', '/')}`);
  }

  #plan(id: string, config: ContainerConfig): ContainerPlan {
    const files = this.#state.container(id);
    const target = this.#target(config.targetContainerId);
    const pidNamespace = this.#sandboxing.pidNamespace(this.#state.sandbox(files.sandboxId), target);
    return { files, config, pidNamespace, marks: this.#sandboxing.marks(files) };
  }

  /** The first process of the container whose processes another one is to see. */
  #target(id: string | undefined): ProcessIdentity | undefined {
    if (id === undefined) return undefined;
    const init = this.#init(this.#state.container(id));
    if (init === undefined) throw new Error(`the target container ${id} is not running`);
    return init;
  }

  #locate(id: string): { files: ContainerFiles; record: ContainerRecord | undefined } {
    const files = this.#state.container(id);
    return { files, record: readJson<ContainerRecord>(files.record) };
  }

  #existing(id: string): ContainerPlan {
    const { record } = this.#locate(id);
    if (record === undefined) throw new Error(`there is no container ${id}`);
    return this.#plan(id, record.config);
  }
}

function toSandbox({ config, createdAt }: SandboxRecord, state: PodSandbox['state']): PodSandbox {
  const { id, podUid, namespace, name, networkNamespace } = config;
  return { id, podUid, namespace, name, state, createdAt, ...(networkNamespace && { networkNamespace }) };
}
