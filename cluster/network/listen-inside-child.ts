import type { ListenInsideAnswer } from './listen-inside.ts';
import { bindServer, type ServerHandle, sendable } from './server-handle.ts';

const [, , address = '', port = ''] = process.argv;

try {
  answer({ type: 'listening' }, bindServer(address, Number(port)));
} catch (error) {
  answer({ type: 'error', message: String(error) });
}

function answer(message: ListenInsideAnswer, handle?: ServerHandle): void {
  // The parent disconnects when it has the socket: without a listener the channel would not keep this process alive until then.
  process.on('disconnect', () => process.exit());
  process.send?.(message, handle === undefined ? undefined : sendable(handle));
}
