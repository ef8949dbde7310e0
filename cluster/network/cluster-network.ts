import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { MAX_NODES, nodeName } from './addresses.ts';
import { type Entrance, enterCluster } from './entrance.ts';
import { addNodesScript, initScript, removeNodeScript } from './init-script.ts';
import { startNodeScript, stopNodeScript } from './node-power-script.ts';
import { CannotStart, explain, isOnPath, requireTools } from './preflight.ts';

const execute = promisify(execFile);

/** How long the first process may take to make everything, and how long to end. */
const START_LIMIT_MS = 20_000;
const END_LIMIT_MS = 5_000;

export interface ClusterNetworkOptions {
  /** How many nodes to make, named `node1`, `node2`, ... */
  readonly nodes: number;
  /** Ends the network, as {@link ClusterNetwork.close} does. */
  readonly signal?: AbortSignal;
}

/**
 * The namespaces of one cluster: a LAN (see addresses.ts) and a network namespace per node, in PID, mount, UTS and IPC namespaces of
 * their own, and for an ordinary user in a user namespace. The host's network is not touched. Everything in it, with all
 * processes, ends with {@link close} and with the process that started it, however that ends.
 */
export class ClusterNetwork implements AsyncDisposable {
  readonly entrance: Entrance;
  readonly #launcher: ChildProcess;
  readonly #nodes: Set<number>;
  readonly #withParent: readonly string[];

  /** Resolves when the LAN and all nodes can be used; rejects with {@link CannotStart}, and then nothing is left running. */
  static async start(options: ClusterNetworkOptions): Promise<ClusterNetwork> {
    options.signal?.throwIfAborted();
    requireTools();
    if (options.nodes > MAX_NODES)
      throw new CannotStart({
        step: `make ${options.nodes} nodes`,
        cause: `the Pod range has room for ${MAX_NODES}`,
        fix: 'Ask for fewer nodes',
      });
    const nodes = Array.from({ length: options.nodes }, (_, position) => position + 1);
    const root = process.getuid?.() === 0;
    const launcher = spawn(
      'unshare',
      [
        ...(root ? [] : ['--user', '--map-root-user']),
        ...['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'],
        // By the environment, which keeps the list of processes readable.
        ...['sh', '-c', 'eval "$SKIFF_INIT"', 'skiff-init'],
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/', env: { ...process.env, SKIFF_INIT: initScript(nodes) } },
    );
    try {
      const initPid = await untilReady(launcher);
      const network = new ClusterNetwork(launcher, { initPid, nodes, root });
      options.signal?.addEventListener('abort', () => void network.close(), { once: true });
      return network;
    } catch (error) {
      launcher.kill('SIGKILL');
      throw error;
    }
  }

  private constructor(launcher: ChildProcess, made: { initPid: number; nodes: readonly number[]; root: boolean }) {
    this.entrance = { initPid: made.initPid, userNamespace: !made.root };
    this.#launcher = launcher;
    this.#nodes = new Set(made.nodes);
    this.#withParent = isOnPath('setpriv') ? ['setpriv', '--pdeathsig', 'TERM'] : [];
  }

  /** Resolves when the network is gone, for whatever reason. */
  get ended(): Promise<void> {
    return this.#hasEnded ? Promise.resolve() : once(this.#launcher, 'exit').then(() => undefined);
  }

  /** See enterCluster(). A signal ends `nsenter`, which stands between; the command then gets a TERM. */
  enter(command: readonly string[], options: { node?: string } = {}): string[] {
    return enterCluster([...this.#withParent, ...command], { entrance: this.entrance, node: options.node });
  }

  /** Makes one more node and tells the others the way to its Pods. */
  async addNode(index: number): Promise<void> {
    if (this.#nodes.has(index)) return;
    if (!(index >= 1 && index <= MAX_NODES))
      throw new RangeError(`no address for node ${index}: 1 to ${MAX_NODES} have one`);
    await this.#run(`set -e\n${addNodesScript([index], [...this.#nodes, index])}`);
    this.#nodes.add(index);
  }

  /** Removes a node's namespace and the ways to its Pods. Processes in it are the caller's to end. */
  async removeNode(index: number): Promise<void> {
    if (!this.#nodes.delete(index)) return;
    await this.#run(removeNodeScript(index, [...this.#nodes]));
  }

  /**
   * Ends every process of a node and of its Pods, whose `namespaces` are removed with what the node kept in `stateDir`, and takes it off
   * the LAN, as when a machine loses its power.
   */
  async stopNode(index: number, has: { namespaces: readonly string[]; stateDir: string }): Promise<void> {
    await this.#run(stopNodeScript(index, has));
  }

  /** Puts a node that was stopped onto the LAN again. */
  async startNode(index: number): Promise<void> {
    await this.#run(startNodeScript(index));
  }

  hasNode(name: string): boolean {
    return [...this.#nodes].some((index) => nodeName(index) === name);
  }

  /** Ends every process inside and resolves when the last is gone. */
  async close(): Promise<void> {
    if (this.#hasEnded) return;
    const deadline = setTimeout(() => this.#launcher.kill('SIGKILL'), END_LIMIT_MS);
    this.#launcher.stdin?.end();
    await this.ended;
    clearTimeout(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #hasEnded(): boolean {
    return this.#launcher.exitCode !== null || this.#launcher.signalCode !== null;
  }

  async #run(script: string): Promise<void> {
    const [program = '', ...args] = this.enter(['sh', '-c', script]);
    await execute(program, args);
  }
}

/** Follows the init script's report; resolves with the PID of init when all is made. */
async function untilReady(launcher: ChildProcess): Promise<number> {
  let step = 'namespaces';
  let initPid = 0;
  let output = '';
  let ready = false;
  const deadline = setTimeout(() => launcher.kill('SIGKILL'), START_LIMIT_MS);
  launcher.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4096);
  });
  launcher.stdin?.on('error', () => undefined);
  const said = launcher.stdout === null ? undefined : createInterface({ input: launcher.stdout });
  const whenReady = new Promise<void>((resolve) => {
    said?.on('line', (line) => {
      if (line.startsWith('init ')) initPid = Number(line.slice(5));
      else if (line.startsWith('step ')) step = line.slice(5);
      else if (line === 'ready') {
        ready = true;
        resolve();
      }
    });
  });
  await Promise.race([whenReady, once(launcher, 'close')]);
  clearTimeout(deadline);
  if (!ready) throw explain({ step, output });
  return initPid;
}
