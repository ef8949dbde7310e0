/**
 * Stands on a node: answers on two ports with their numbers, and, told over IPC, calls a Service again and again until the answer is the
 * one that is waited for; then it says when that was.
 */
import { connect, createServer } from 'node:net';

export interface Wait {
  readonly ip: string;
  readonly port: number;
  /** The port whose server is to answer. */
  readonly until: number;
}

/** When the first right answer came, in milliseconds since the epoch. */
export interface Seen {
  readonly at: number;
}

for (const port of process.argv.slice(2).map(Number))
  createServer((socket) => socket.on('error', () => undefined).end(String(port))).listen(port, '0.0.0.0');

process.on('message', (message) => void follow(message as Wait)); // sent by services.ts
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function follow(wait: Wait): Promise<void> {
  while ((await call(wait)) !== String(wait.until));
  process.send?.({ at: performance.timeOrigin + performance.now() } satisfies Seen);
}

function call({ ip, port }: Wait): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: ip, port, timeout: 1000 });
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(() => resolve(text), 1));
  });
}
