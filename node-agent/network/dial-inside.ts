import { spawn } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

/** What the child answers; a connected one comes with its socket. */
export type DialInsideAnswer = { readonly type: 'connected' } | { readonly type: 'error'; readonly message: string };

const program = fileURLToPath(import.meta.resolve('./dial-inside-child.ts'));

/**
 * Opens a TCP connection to a port of loopback inside a network namespace: a child dials there and hands the socket over, which stays in the
 * namespace where it was made. Rejects with what the child said.
 */
export function dialInside(networkNamespace: string, port: number): Promise<net.Socket> {
  const args = [`--net=${networkNamespace}`, process.execPath, program, String(port)];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    child.once('message', (message, handle) => {
      // Written by dial-inside-child.ts.
      const answer = message as DialInsideAnswer;
      if (answer.type === 'error') reject(new Error(answer.message));
      else if (handle instanceof net.Socket) {
        handle.allowHalfOpen = true;
        resolve(handle);
      } else reject(new Error('the socket was lost on its way'));
      if (child.connected) child.disconnect();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`cannot enter the network of the Pod: ${complaint.trim()}`)));
  });
}
