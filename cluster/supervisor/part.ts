import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';

/** A part that died is started again after this time, doubling while it keeps dying young. */
const FIRST_RESTART_MS = 50;
const LAST_RESTART_MS = 5_000;
/** A part that has lived this long starts anew without delay. */
const SETTLED_MS = 10_000;
/** After this time a part that was asked to end is killed. */
const END_LIMIT_MS = 5_000;

export interface PartOptions {
  readonly name: string;
  /** The argv; asked for at each start. */
  readonly command: () => readonly string[];
  /** Reaches the part as JSON in SKIFF_CONFIG. */
  readonly config: () => object;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each new process, before it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** A part that must come up at the first try: its death before it is ready is an error, with what it wrote last. */
  readonly onFailure?: (error: Error) => void;
}

/** One process of the cluster, which is started again whenever it ends. */
export class Part {
  readonly name: string;
  readonly #options: PartOptions;
  readonly #ready = Promise.withResolvers<Record<string, unknown>>();
  #child: ChildProcess | undefined;
  #restartMs = FIRST_RESTART_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #wasReady = false;
  #restarts = 0;

  constructor(options: PartOptions) {
    this.name = options.name;
    this.#options = options;
    this.#ready.promise.catch(() => undefined);
  }

  start(): void {
    const [program = '', ...args] = this.#options.command();
    const log = openSync(this.#options.logFile, 'a');
    const startedAt = performance.now();
    const child = spawn(program, args, {
      stdio: ['ignore', log, 'pipe', 'ipc'],
      cwd: '/',
      env: { ...process.env, ...this.#options.env, SKIFF_CONFIG: JSON.stringify(this.#options.config()) },
    });
    closeSync(log);
    this.#child = child;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-4000);
      appendFileSync(this.#options.logFile, text);
    });
    child.on('message', (message: { type?: string }) => {
      if (message?.type !== 'ready') return;
      this.#wasReady = true;
      this.#ready.resolve(message);
    });
    child.on('error', (error) => this.#fail(error));
    child.on('exit', () => {
      this.#child = undefined;
      // The process that stands between (nsenter) may be gone while the part lives: it ends with its channel.
      if (child.connected) child.disconnect();
      if (this.#stopped) return;
      if (!this.#wasReady && this.#options.onFailure) {
        this.#fail(new Error(complaint.trim() || `${this.name} ended before it was ready`));
        return;
      }
      if (performance.now() - startedAt > SETTLED_MS) this.#restartMs = FIRST_RESTART_MS;
      this.#restarts += 1;
      this.#timer = setTimeout(() => this.start(), this.#restartMs);
      this.#restartMs = Math.min(this.#restartMs * 2, LAST_RESTART_MS);
    });
    this.#options.onStart?.(child);
  }

  /** The first `ready` message. Rejects where the part died before. */
  ready(): Promise<Record<string, unknown>> {
    return this.#ready.promise;
  }

  send(message: object, handle?: SendHandle): void {
    if (this.#child?.connected) this.#child.send(message, handle);
  }

  get status(): { name: string; pid: number | undefined; restarts: number } {
    return { name: this.name, pid: this.#child?.pid, restarts: this.#restarts };
  }

  /** Ends the part for good: its channel closes, then TERM, then KILL. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await exited;
    clearTimeout(deadline);
  }

  #fail(error: Error): void {
    this.#ready.reject(error);
    this.#options.onFailure?.(error);
  }
}
