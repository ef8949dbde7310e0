import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { eventually, sandbox } from './contract.ts';
import type { ContainerConfig, ContainerRuntime, ContainerStatus, PodSandboxConfig } from './runtime.ts';

export type OpenRuntime = (options: { stateDir: string }) => Promise<ContainerRuntime>;

/** Pods of a runtime with processes, for tests: each test has one of its own, `id`, on the host image. */
export class PodsUnderTest {
  readonly stateDir: string;
  readonly #open: OpenRuntime;
  #runtime: ContainerRuntime | undefined;
  #folder = '';
  #count = 0;
  #mountsBefore = '';

  /** To be called inside `describe`: opens before its tests and closes after them. */
  constructor(stateDir: string, open: OpenRuntime) {
    this.stateDir = stateDir;
    this.#open = open;
    before(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), 'skiff-pods-'));
      this.#mountsBefore = readFileSync('/proc/self/mounts', 'utf8');
      this.#runtime = await open({ stateDir });
    });
    beforeEach(() => this.next());
    after(async () => {
      await this.runtime.close();
      await rm(this.#folder, { recursive: true });
    });
  }

  get runtime(): ContainerRuntime {
    if (!this.#runtime) throw new Error('the runtime is not open yet');
    return this.#runtime;
  }

  /** A folder for the test's own files, where the logs are too. */
  get folder(): string {
    return this.#folder;
  }

  get mountsBefore(): string {
    return this.#mountsBefore;
  }

  get id(): string {
    // Plain processes are known by it to the whole machine.
    return `pod-${process.pid}-${this.#count}`;
  }

  /** From now on, another Pod. */
  next(): void {
    this.#count += 1;
  }

  sandbox(): PodSandboxConfig {
    return sandbox(this.id);
  }

  /** As a node agent that restarts. */
  async reopen(): Promise<void> {
    await this.runtime.close();
    this.#runtime = await this.#open({ stateDir: this.stateDir });
  }

  /** What a container wrote; lines of stderr, and those that are not whole, say so. */
  async log(container = 'main'): Promise<string> {
    const text = await readFile(join(this.#folder, `${this.id}-${container}.log`), 'utf8').catch(() => '');
    return text.replaceAll(/^\S+ (\S+) (\S) /gm, (_line, stream, tag) =>
      stream === 'stdout' && tag === 'F' ? '' : `${stream} ${tag}: `,
    );
  }

  async start(args: readonly string[], more: Partial<ContainerConfig> = {}): Promise<string> {
    const container = await this.create(args, more);
    await this.runtime.startContainer(container);
    return container;
  }

  create(args: readonly string[], more: Partial<ContainerConfig> = {}): Promise<string> {
    const image = { type: 'host', id: 'host', programs: [] } as const;
    const logPath = join(this.#folder, `${this.id}-${more.name ?? 'main'}.log`);
    const config: ContainerConfig = { name: 'main', attempt: 0, image, args, env: {}, mounts: [], logPath, ...more };
    return this.runtime.createContainer(this.id, config);
  }

  exited(container: string): Promise<ContainerStatus | undefined> {
    return eventually(
      () => this.runtime.containerStatus(container),
      (status) => status?.state === 'exited',
    );
  }

  /** Runs a script in a Pod of its own to its end, and answers with its log. */
  async run(
    script: string,
    more: Partial<ContainerConfig> & { pod?: Partial<PodSandboxConfig> } = {},
  ): Promise<string> {
    const { pod, ...config } = more;
    await this.runtime.runPodSandbox({ ...this.sandbox(), ...pod });
    try {
      await this.exited(await this.start(['sh', '-c', script], config));
      return await this.log();
    } finally {
      await this.runtime.removePodSandbox(this.id);
    }
  }
}

/** Makes a folder the layer of an image that has these programs of the host and what they are linked with. */
export function programLayer(folder: string, ...programs: readonly string[]): string {
  for (const path of programs.flatMap((program) => [program, ...libraries(program)])) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    copyFileSync(path, join(folder, path));
  }
  return folder;
}

function libraries(program: string): string[] {
  return execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+(?= \(0x)/g) ?? [];
}
