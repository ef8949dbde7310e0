import type net from 'node:net';
import { connect } from './connect.ts';

/** How long somebody at the other end may take to accept. */
const CONNECT_LIMIT_MS = 10_000;

/** Opens a TCP connection from this process's network; both sides may end it on their own. Rejects when it is refused or takes too long. */
export function dial(target: { host: string; port: number }, signal?: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, allowHalfOpen: true });
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(new Error('given up'));
    const timer = setTimeout(() => fail(new Error(`no answer from ${target.host}:${target.port}`)), CONNECT_LIMIT_MS);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', fail).once('connect', () => {
      settle();
      resolve(socket);
    });
  });
}

export function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}
