import type { InsideAddress, ListenInsideAnswer } from './listen-inside.ts';
import { bindSocket, type SocketHandle, sendable } from './socket-handle.ts';

// The parent disconnects when it has the sockets: without a listener the channel would not keep this process alive until then.
process.on('disconnect', () => process.exit());

try {
  // Written by listen-inside.ts.
  const addresses = JSON.parse(process.argv[2] ?? '[]') as InsideAddress[];
  for (const address of addresses) answer({ type: 'listening' }, bindSocket(address));
} catch (error) {
  answer({ type: 'error', message: String(error) });
}

function answer(message: ListenInsideAnswer, handle?: SocketHandle): void {
  process.send?.(message, handle === undefined ? undefined : sendable(handle));
}
