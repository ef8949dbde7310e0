import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An API server as a process of its own, on a real disk, and a client of its socket. */
export class ServerProcess implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'skiff-bench-'));
    this.#child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'apiserver', 'main.ts')], {
      env: { ...process.env, SKIFF_CONFIG: JSON.stringify({ dataDir: this.#folder }), SKIFF_LOG_LEVEL: 'error' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  static async start(): Promise<ServerProcess> {
    const server = new ServerProcess();
    const ended = once(server.#child, 'exit').then(() => Promise.reject(new Error('the API server ended')));
    await Promise.race([once(server.#child, 'message'), ended]);
    ended.catch(() => undefined);
    return server;
  }

  get socketPath(): string {
    return join(this.#folder, 'api.sock');
  }

  /** Sends a request and resolves to the answer's text. Rejects where it is no success. */
  send(method: string, path: string, body?: object): Promise<string> {
    const payload = body && JSON.stringify(body);
    const headers = payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, socketPath: this.socketPath, method, path, ...(headers && { headers }) };
      request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      })
        .on('error', reject)
        .end(payload);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exit;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
