import './own-network.ts';
import { type ExecFileException, execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@skiff/client/client';
import { programFolder } from './program-folder.ts';
import { withoutNamespaces } from './without-namespaces.ts';

const launcher = join(import.meta.dirname, '..', '..', 'cluster', 'bin', 'skiff.js');

/** Who runs a cluster, and with which programs at hand. */
export interface Surroundings {
  /** An ordinary user, or whoever runs the tests. */
  readonly user: 'ordinary' | 'self';
  /** Programs that are not on the PATH: `nft`, `crun`, ... */
  readonly without?: readonly string[];
  /** What containers refuse is refused: namespaces and mounts, and to root all that it may do as root. */
  readonly contained?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The ordinary user that tests of root's run clusters as; .ci/run makes it. Elsewhere a number will do: it owns nothing but its temporary folder. */
const ordinaryUser = 'skiff-test';
const ordinaryUid = userId(ordinaryUser) ?? 64_001;

/** One cluster that a test starts by the command line, as its users do. Nothing is left of it when it is disposed. */
export class ClusterUnderTest implements AsyncDisposable {
  readonly dataDir: string;
  readonly #home: string;
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings = { user: 'self' }) {
    this.#surroundings = surroundings;
    this.#home = mkdtempSync(join(tmpdir(), 'skiff-e2e-'));
    this.dataDir = join(this.#home, 'cluster');
    chmodSync(this.#home, 0o755);
    mkdirSync(join(this.#home, 'home'));
    if (this.#isOtherUser) for (const folder of [this.#home, join(this.#home, 'home')]) chmodSync(folder, 0o777);
  }

  /** Starts it and resolves when it is ready to use; rejects with what it said. */
  static async up(surroundings: Surroundings, ...flags: string[]): Promise<ClusterUnderTest> {
    const cluster = new ClusterUnderTest(surroundings);
    const outcome = await cluster.skiff('up', '--api-port', '0', ...flags);
    if (outcome.code === 0) return cluster;
    await cluster[Symbol.asyncDispose]();
    throw new Error(`skiff up ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`);
  }

  /** The admin's client. */
  client(): Client {
    return new Client({ server: `unix:${this.apiSocket}` });
  }

  get kubeconfig(): string {
    return join(this.dataDir, 'kubeconfig');
  }

  get apiSocket(): string {
    return join(this.dataDir, 'api.sock');
  }

  /** The file that stands for the user's own ~/.kube/config. */
  get userKubeconfig(): string {
    return join(this.#home, 'home', 'kubeconfig');
  }

  /** `skiff COMMAND --data-dir ...`, with a kubeconfig of its own as the user's. */
  skiff(command: string, ...args: string[]): Promise<Outcome> {
    const env = { HOME: join(this.#home, 'home'), KUBECONFIG: this.userKubeconfig };
    return this.run(process.execPath, [launcher, command, '--data-dir', this.dataDir, ...args], env);
  }

  /** The real kubectl with the cluster's kubeconfig. Rejects unless it ends with 0. */
  async kubectl(...args: string[]): Promise<string> {
    const outcome = await this.run('kubectl', ['--kubeconfig', this.kubeconfig, ...args], { HOME: this.#home });
    if (outcome.code === 0) return outcome.stdout + outcome.stderr;
    throw new Error(`kubectl ${args.join(' ')} ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`);
  }

  /** Runs a program as the cluster's user, with the cluster's PATH. */
  run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
    const { without = [], contained = false } = this.#surroundings;
    const path = without.length > 0 ? programFolder(without) : (process.env['PATH'] ?? '');
    const asUser = this.#isOtherUser
      ? ['setpriv', `--reuid=${ordinaryUid}`, `--regid=${ordinaryUid}`, '--clear-groups', '--']
      : [];
    const asRoot = contained && !this.#isOtherUser ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : [];
    const wanted = contained ? withoutNamespaces([program, ...args]) : [program, ...args];
    const [command = '', ...rest] = [...asUser, ...asRoot, ...wanted];
    const options = {
      env: { ...process.env, NODE_TEST_CONTEXT: '', PATH: path, ...this.#surroundings.env, ...env },
      maxBuffer: 1 << 26,
    };
    return new Promise((resolve) => {
      execFile(command, rest, options, (error: ExecFileException | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr: stderr || (error && code === 1 ? error.message : '') });
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.skiff('down');
    rmSync(this.#home, { recursive: true, force: true });
  }

  get #isOtherUser(): boolean {
    return this.#surroundings.user === 'ordinary' && process.getuid?.() === 0;
  }
}

function userId(name: string): number | undefined {
  const found = readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm'))?.[1];
  return found === undefined ? undefined : Number(found);
}
