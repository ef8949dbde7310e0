import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClusterNetwork } from './cluster-network.ts';
import { received, type SocketHandle } from './socket-handle.ts';

export interface InsideAddress {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
}

/** What {@link listenInside}'s child answers: a message with a socket for each address, in order, or what went wrong. */
export type ListenInsideAnswer = { readonly type: 'listening' } | { readonly type: 'error'; readonly message: string };

const program = fileURLToPath(import.meta.resolve('./listen-inside-child.ts'));

/**
 * Opens sockets inside the cluster's network (in the LAN, or in a node) for somebody on the host: a socket stays in the namespace where
 * it was made, whoever holds it. Hand it on by `child.send(message, sendable(handle))`; keep it, and it can be handed to that
 * child's successor too.
 */
export async function listenInside(
  network: ClusterNetwork,
  options: { addresses: readonly InsideAddress[]; node?: string },
): Promise<SocketHandle[]> {
  const { addresses, node } = options;
  const [command = '', ...args] = network.enter(
    // DEP0112: see socket-handle.ts.
    [process.execPath, '--disable-warning=DEP0112', program, JSON.stringify(addresses)],
    node === undefined ? {} : { node },
  );
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const handles: SocketHandle[] = [];
  await new Promise<void>((resolve) => {
    child.on('message', (message, sent) => {
      // Written by listen-inside-child.ts.
      const answer = message as ListenInsideAnswer;
      const handle = received(sent);
      if (answer.type === 'error') complaint = answer.message;
      else if (handle !== undefined) handles.push(handle);
      if (answer.type === 'error' || handles.length === addresses.length) resolve();
    });
    child.once('error', (error) => {
      complaint = error.message;
      resolve();
    });
    void once(child, 'exit').then(() => resolve());
  });
  if (child.connected) child.disconnect();
  if (handles.length === addresses.length) return handles;
  for (const handle of handles) handle.close();
  const places = addresses.map(({ address, port }) => `${address}:${port}`).join(', ');
  throw new Error(`cannot listen on ${places} inside the cluster's network: ${complaint.trim()}`);
}
