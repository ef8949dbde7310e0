import net from 'node:net';
import type { DialInsideAnswer } from './dial-inside.ts';

const [, , port = ''] = process.argv;

// The parent disconnects when it has the socket: without a listener the channel would not keep this process alive until then.
process.on('disconnect', () => process.exit());

// Paused, so that nothing is read here which the parent should read.
const socket = net.connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true, noDelay: true });
socket.pause();
socket.once('connect', () => answer({ type: 'connected' }, socket));
socket.once('error', ({ message }) => answer({ type: 'error', message }));

function answer(message: DialInsideAnswer, handle?: net.Socket): void {
  process.send?.(message, handle);
}
