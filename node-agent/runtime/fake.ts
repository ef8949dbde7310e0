import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { attachToLog } from './attach-log.ts';
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

/** How the fake plays a program. */
export interface FakeProgram {
  /** Lines on stdout, written to the log when it starts. */
  readonly output?: readonly string[];
  /** Ends at once with it. Without, it runs until it is stopped or {@link FakeRuntime.exit} ends it. */
  readonly exitCode?: number;
  /** What it exits with on TERM: 143 where absent, `ignored` where only KILL ends it. */
  readonly onTerm?: number | 'ignored';
  /** It can't be started, and this is why. */
  readonly startError?: string;
}

export interface FakeExecResult {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface FakeRuntimeOptions {
  readonly clock?: Clock | undefined;
  /** What a container's program does; by default it runs until it is stopped. */
  readonly program?: (config: ContainerConfig, sandbox: PodSandbox) => FakeProgram;
  /** Why a Pod's sandbox can't be made; by default it can. */
  readonly sandboxError?: (config: PodSandboxConfig) => string | undefined;
  /** What a command run in a container does; by default it says nothing and succeeds. `stdin` is all of its input. */
  readonly exec?: (containerId: string, command: readonly string[], stdin: string) => FakeExecResult;
}

interface FakeContainer {
  readonly config: ContainerConfig;
  status: ContainerStatus;
}

/** A runtime without processes, for tests of what is above it. Log files are real. Keeps the contract of the real ones. */
export class FakeRuntime implements ContainerRuntime {
  readonly version = 'fake://1';
  readonly #options: FakeRuntimeOptions;
  readonly #sandboxes = new Map<string, PodSandbox>();
  readonly #containers = new Map<string, FakeContainer>();
  readonly #listeners = new Set<(id: string) => void>();
  /** Sandboxes that could not be made. */
  readonly #refused = new Set<string>();
  #nextPid = 1000;

  constructor(options: FakeRuntimeOptions = {}) {
    this.#options = options;
  }

  /** Has every Pod looked at anew, also those whose sandbox could not be made: what the options answer has changed. */
  lookAgain(): void {
    for (const id of [...this.#sandboxes.keys(), ...this.#refused]) this.#changed(id);
  }

  /** Takes over what another runtime ran, as it was. */
  restore(sandbox: PodSandbox, containers: readonly { config: ContainerConfig; startedAt: string }[]): void {
    this.#sandboxes.set(sandbox.id, sandbox);
    for (const { config, startedAt } of containers) {
      const { name, attempt } = config;
      const id = `${sandbox.id}/${name}/${attempt}`;
      const about = { id, sandboxId: sandbox.id, name, attempt, imageId: config.image.id };
      const status = { ...about, state: 'running', createdAt: startedAt, startedAt, pid: this.#nextPid++ } as const;
      this.#containers.set(id, { config, status });
    }
  }

  /** Every container with the Pod that it belongs to. */
  containers(): { id: string; namespace: string; name: string; container: string }[] {
    return [...this.#containers].flatMap(([id, { config, status }]) => {
      const sandbox = this.#sandboxes.get(status.sandboxId);
      return sandbox ? [{ id, namespace: sandbox.namespace, name: sandbox.name, container: config.name }] : [];
    });
  }

  /** Ends a running container, as if its program had. */
  exit(id: string, exitCode: number): void {
    const container = this.#containers.get(id);
    if (container === undefined || container.status.state === 'exited') return;
    const { pid: _, ...status } = container.status;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    container.status = { ...status, state: 'exited', finishedAt: this.#now(), exitCode, reason };
    this.#changed(id);
  }

  async listPodSandboxes(): Promise<PodSandbox[]> {
    return [...this.#sandboxes.values()].map((sandbox) => ({ ...sandbox }));
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox> {
    const { id, podUid, namespace, name, networkNamespace } = config;
    const refusal = this.#options.sandboxError?.(config);
    if (refusal !== undefined) {
      this.#refused.add(id);
      throw new Error(refusal);
    }
    this.#refused.delete(id);
    const createdAt = this.#sandboxes.get(id)?.createdAt ?? this.#now();
    const sandbox: PodSandbox = { id, podUid, namespace, name, networkNamespace, createdAt, state: 'ready' };
    this.#sandboxes.set(id, sandbox);
    return { ...sandbox };
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) return;
    this.#sandboxes.set(id, { ...sandbox, state: 'notReady' });
    for (const { status } of this.#in(id)) if (status.state === 'running') this.exit(status.id, 137);
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const { status } of this.#in(id)) this.#containers.delete(status.id);
    this.#sandboxes.delete(id);
    this.#refused.delete(id);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const id = `${sandboxId}/${config.name}/${config.attempt}`;
    if (this.#containers.has(id)) return id;
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox?.state !== 'ready') throw new Error(`container ${config.name}: the sandbox ${sandboxId} is not ready`);
    const { name, attempt } = config;
    const createdAt = this.#now();
    const status: ContainerStatus = {
      id,
      sandboxId,
      name,
      attempt,
      imageId: config.image.id,
      state: 'created',
      createdAt,
    };
    this.#containers.set(id, { config, status });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) throw new Error(`there is no container ${id}`);
    if (container.status.reason === 'ContainerCannotRun') throw new StartError(container.status.message);
    if (container.status.state !== 'created') return;
    const program = this.#program(container);
    const now = this.#now();
    if (program.startError !== undefined) {
      const why = { exitCode: 128, reason: 'ContainerCannotRun', message: program.startError };
      container.status = { ...container.status, state: 'exited', finishedAt: now, ...why };
      this.#changed(id);
      throw new StartError(program.startError);
    }
    container.status = { ...container.status, state: 'running', startedAt: now, pid: this.#nextPid++ };
    await writeLog(container.config.logPath, program.output ?? [], now);
    this.#changed(id);
    if (program.exitCode !== undefined) this.exit(id, program.exitCode);
  }

  async stopContainer(id: string, options: { graceMs: number; signal?: string }): Promise<void> {
    const container = this.#containers.get(id);
    if (container?.status.state !== 'running') return;
    const { onTerm = 143 } = this.#program(container);
    this.exit(id, onTerm === 'ignored' || options.graceMs === 0 ? 137 : onTerm);
  }

  async removeContainer(id: string): Promise<void> {
    await this.stopContainer(id, { graceMs: 0 });
    this.#containers.delete(id);
  }

  async listContainers(sandboxId?: string): Promise<ContainerStatus[]> {
    return this.#in(sandboxId).map(({ status }) => ({ ...status }));
  }

  async containerStatus(id: string): Promise<ContainerStatus | undefined> {
    const status = this.#containers.get(id)?.status;
    return status === undefined ? undefined : { ...status };
  }

  async exec(id: string, { command, stdin, tty }: ExecOptions): Promise<ExecSession> {
    if (this.#containers.get(id)?.status.state !== 'running') throw new Error(`container ${id} is not running`);
    const { promise: input, resolve: ended } = Promise.withResolvers<string>();
    const chunks: string[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(String(chunk));
        done();
      },
      final: (done) => {
        ended(chunks.join(''));
        done();
      },
    });
    if (stdin !== true) ended('');
    const result = input.then((text) => this.#options.exec?.(id, command, text) ?? {});
    const stream = (name: 'stdout' | 'stderr'): Readable =>
      Readable.from(
        (async function* () {
          yield (await result)[name] ?? '';
        })(),
      );
    return {
      stdin: stdin === true ? sink : undefined,
      stdout: stream('stdout'),
      stderr: tty === true ? undefined : stream('stderr'),
      resize: () => {},
      exitCode: result.then(({ exitCode = 0 }) => exitCode),
    };
  }

  async attach(id: string, { signal }: AttachOptions): Promise<ExecSession> {
    const container = this.#containers.get(id);
    if (container?.status.state !== 'running') throw new Error(`container ${id} is not running`);
    return attachToLog({ path: container.config.logPath, containerId: id, runtime: this }, signal ? { signal } : {});
  }

  onChange(callback: (containerId: string) => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #now(): string {
    return new Date((this.#options.clock ?? systemClock).now()).toISOString();
  }

  #program({ config, status }: FakeContainer): FakeProgram {
    const sandbox = this.#sandboxes.get(status.sandboxId);
    return (sandbox && this.#options.program?.(config, sandbox)) ?? {};
  }

  #in(sandboxId?: string): FakeContainer[] {
    return [...this.#containers.values()].filter(
      ({ status }) => sandboxId === undefined || status.sandboxId === sandboxId,
    );
  }

  #changed(id: string): void {
    for (const listener of [...this.#listeners]) queueMicrotask(() => listener(id));
  }
}

async function writeLog(path: string, lines: readonly string[], now: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const time = now.replace('Z', '000000Z');
  await appendFile(path, lines.map((line) => `${time} stdout F ${line}\n`).join(''));
}
