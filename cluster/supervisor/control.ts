import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { ClusterStatus } from './messages.ts';

/** Answers the command line on a unix socket: a word in, a line of JSON out. */
export class ControlSocket {
  readonly #path: string;
  readonly #server: net.Server;

  constructor(options: { path: string; status: () => ClusterStatus; down: () => Promise<void> }) {
    this.#path = options.path;
    this.#server = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data) => {
        const word = data.toString().trim();
        if (word === 'status') socket.end(`${JSON.stringify(options.status())}\n`);
        else if (word === 'down') void options.down().then(() => socket.end('{}\n'));
        else socket.end();
      });
    });
  }

  /** Rejects where another supervisor listens already. */
  async start(): Promise<void> {
    if (existsSync(this.#path)) {
      if (await askSupervisor(this.#path, 'status')) throw new Error('another supervisor is running');
      rmSync(this.#path, { force: true });
    }
    const before = process.umask(0o177);
    this.#server.listen(this.#path);
    process.umask(before);
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}

/** Asks a supervisor; undefined where none is there. `down` is answered when everything has ended. */
export async function askSupervisor(path: string, word: 'status' | 'down'): Promise<ClusterStatus | undefined> {
  const socket = net.connect(path);
  try {
    await once(socket, 'connect');
    socket.write(`${word}\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    // Written by the other end, which is this program.
    return text === '' ? undefined : (JSON.parse(text) as ClusterStatus);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
