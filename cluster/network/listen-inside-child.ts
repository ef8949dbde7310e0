import type { ListenInsideAnswer } from './listen-inside.ts';
import { bindSocket, type SocketHandle, sendable } from './socket-handle.ts';

const [, , address = '', port = ''] = process.argv;

try {
  answer({ type: 'listening' }, bindSocket({ protocol: 'TCP', address, port: Number(port) }));
} catch (error) {
  answer({ type: 'error', message: String(error) });
}

function answer(message: ListenInsideAnswer, handle?: SocketHandle): void {
  // The parent disconnects when it has the socket: without a listener the channel would not keep this process alive until then.
  process.on('disconnect', () => process.exit());
  process.send?.(message, handle === undefined ? undefined : sendable(handle));
}
