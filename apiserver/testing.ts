import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServerConfig, parseConfig } from './config.ts';
import { ApiServer } from './server.ts';

/** An answer of the server under test. */
export interface Answered {
  readonly code: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  /** The body, where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface TestServerOptions {
  /** For tests that start a server anew on what another has left; they remove it themselves. */
  readonly folder?: string;
  /** What its configuration says, where that is not the usual. */
  readonly config?: Pick<Partial<ApiServerConfig>, 'serviceCIDR' | 'advertise'>;
}

/** A real server on a folder of its own, and a client on its admin socket. Dispose of it to leave nothing behind. */
export class TestServer implements AsyncDisposable {
  readonly server: ApiServer;
  readonly socketPath: string;
  readonly #folder: string;
  readonly #keeps: boolean;

  private constructor(folder: string, options: TestServerOptions) {
    this.#folder = folder;
    this.#keeps = options.folder !== undefined;
    this.socketPath = join(folder, 'api.sock');
    this.server = new ApiServer(parseConfig({ ...options.config, dataDir: folder, port: 0 }), {
      onError: (error) => process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
    });
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const test = new TestServer(options.folder ?? mkdtempSync(join(tmpdir(), 'skiff-apiserver-')), options);
    await test.server.start();
    return test;
  }

  /** Sends one request; a body that is no text goes as JSON. */
  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const payload =
      body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const length = payload && { 'content-type': 'application/json', 'content-length': String(payload.length) };
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.socketPath, method, path, headers: { ...length, ...headers }, agent: false };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = /^application\/([a-z-]+\+)?json/.test(String(response.headers['content-type']));
          const parsed = json && !text.includes('}\n{') && text ? JSON.parse(text) : undefined;
          resolve({ code: response.statusCode ?? 0, headers: response.headers, text, body: parsed });
        });
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(payload);
    });
  }

  /** Reads a watch until so many events have come; then goes away. */
  watch(path: string, count: number, headers: Record<string, string> = {}): Promise<Answered['body'][]> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ socketPath: this.socketPath, path, headers, agent: false }, (response) => {
        let text = '';
        const events = () =>
          text
            .slice(0, text.lastIndexOf('\n') + 1)
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line));
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
          if (events().length < count) return;
          resolve(events().slice(0, count));
          request.destroy();
        });
        response.on('end', () => resolve(events()));
        response.on('error', () => undefined);
      });
      request.on('error', reject).end();
    });
  }

  /** Reads a watch until an event is as wanted, and resolves with its object; rejects when the watch ends before. */
  watchUntil(path: string, wanted: (event: Answered['body']) => boolean): Promise<Answered['body']> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ socketPath: this.socketPath, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          const lines = `${text}${chunk}`.split('\n');
          text = lines.pop() ?? '';
          const found = lines.map((line) => JSON.parse(line)).find(wanted);
          if (!found) return;
          resolve(found.object);
          request.destroy();
        });
        response.on('end', () => reject(new Error(`the watch ${path} ended`)));
        response.on('error', () => undefined);
      });
      request.on('error', reject).end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    if (!this.#keeps) rmSync(this.#folder, { recursive: true, force: true });
  }
}
