import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { ClusterStatus, NodeAnswer, NodeOrder } from './messages.ts';

export interface ControlSocketOptions {
  readonly path: string;
  readonly status: () => ClusterStatus;
  readonly down: () => Promise<void>;
  /** Resolves with the name of the node when it is done. */
  readonly node: (order: NodeOrder) => Promise<string>;
}

/** Answers the command line on a unix socket: a word in, or an order as JSON, and a line of JSON out. */
export class ControlSocket {
  readonly #path: string;
  readonly #server: net.Server;

  constructor(options: ControlSocketOptions) {
    this.#path = options.path;
    this.#server = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data) => {
        const word = data.toString().trim();
        if (word === 'status') socket.end(`${JSON.stringify(options.status())}\n`);
        else if (word === 'down') void options.down().then(() => socket.end('{}\n'));
        else if (word.startsWith('{')) {
          // Written by orderNode().
          const order = JSON.parse(word) as NodeOrder;
          const answer = (text: NodeAnswer) => socket.end(`${JSON.stringify(text)}\n`);
          options.node(order).then(
            (node) => answer({ node }),
            (error: Error) => answer({ error: error.message }),
          );
        } else socket.end();
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
  const text = await exchange(path, word);
  // Written by the other end, which is this program.
  return text ? (JSON.parse(text) as ClusterStatus) : undefined;
}

/** Has something done to a node; undefined where no supervisor is there. */
export async function orderNode(path: string, order: NodeOrder): Promise<NodeAnswer | undefined> {
  const text = await exchange(path, JSON.stringify(order));
  // Written by the other end, which is this program.
  return text ? (JSON.parse(text) as NodeAnswer) : undefined;
}

async function exchange(path: string, line: string): Promise<string | undefined> {
  const socket = net.connect(path);
  try {
    await once(socket, 'connect');
    socket.write(`${line}\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
