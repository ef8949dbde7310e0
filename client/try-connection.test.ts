import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { it } from 'node:test';
import { tryConnection } from './try-connection.ts';

/** Serves one way of treating connections, on a port of its own. */
async function withServer(
  onConnection: (socket: net.Socket) => void,
  act: (port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on('error', () => socket.destroy()));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act((server.address() as AddressInfo).port); // of a server that listens on TCP
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const dial = ({ host, port }: { host: string; port: number }): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });

it('a connection that is answered tells with what', async () => {
  await withServer(
    (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
    async (port) => {
      const trial = await tryConnection({ host: '127.0.0.1', port, dial });
      assert.equal(trial.connected, true);
      assert.equal(trial.answer, 'HTTP/1.1 204 No Content\r\n\r\n');
    },
  );
});

it('one that is closed, one that is silent and one that is refused are told apart', async () => {
  await withServer(
    (socket) => socket.end(),
    async (port) => assert.equal((await tryConnection({ host: '127.0.0.1', port, dial })).answer, ''),
  );
  let refused = 0;
  await withServer(
    () => undefined,
    async (port) => {
      refused = port;
      const trial = await tryConnection({ host: '127.0.0.1', port, dial, answerMs: 20 });
      assert.deepEqual({ connected: trial.connected, answer: trial.answer }, { connected: true, answer: undefined });
    },
  );
  const trial = await tryConnection({ host: '127.0.0.1', port: refused, dial });
  assert.equal(trial.connected, false);
  assert.match(trial.error ?? '', /ECONNREFUSED/);
});

it('one that never comes about ends in time', async () => {
  const trial = await tryConnection({
    host: '192.0.2.1',
    port: 1,
    dial: () => new Promise(() => undefined),
    connectMs: 20,
  });
  assert.deepEqual({ ...trial, ms: 0 }, { connected: false, error: 'nothing came back within 20 ms', ms: 0 });
});
