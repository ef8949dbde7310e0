import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClusterNetwork } from './cluster-network.ts';
import { received, type SocketHandle } from './socket-handle.ts';

/** What {@link listenInside}'s child answers. */
export type ListenInsideAnswer = { readonly type: 'listening' } | { readonly type: 'error'; readonly message: string };

const program = fileURLToPath(import.meta.resolve('./listen-inside-child.ts'));

/**
 * Opens a TCP socket inside the cluster's network (in the LAN, or in a node) for somebody on the host: a socket stays in the namespace
 * where it was made, whoever holds it. Hand it on by `child.send(message, sendable(handle))`; keep it, and it can be handed to that
 * child's successor too.
 */
export async function listenInside(
  network: ClusterNetwork,
  options: { address: string; port: number; node?: string },
): Promise<SocketHandle> {
  const { address, port, node } = options;
  const [command = '', ...args] = network.enter(
    [process.execPath, program, address, String(port)],
    node === undefined ? {} : { node },
  );
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const answered = new Promise<SocketHandle | undefined>((resolve) => {
    child.once('message', (message, handle) => {
      // Written by listen-inside-child.ts.
      const answer = message as ListenInsideAnswer;
      if (answer.type === 'error') complaint = answer.message;
      resolve(answer.type === 'listening' ? received(handle) : undefined);
    });
    child.once('error', (error) => {
      complaint = error.message;
      resolve(undefined);
    });
    void once(child, 'exit').then(() => resolve(undefined));
  });
  const handle = await answered;
  if (child.connected) child.disconnect();
  if (handle === undefined)
    throw new Error(`cannot listen on ${address}:${port} inside the cluster's network: ${complaint.trim()}`);
  return handle;
}
