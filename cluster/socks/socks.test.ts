import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { greetingAnswer, parseGreeting, parseRequest, replyMessage } from './socks-protocol.ts';
import { socksServer } from './socks-server.ts';

test('messages are read when they are whole, and what is none is told', () => {
  const name = Buffer.from('my-app');
  const request = Buffer.from([5, 1, 0, 3, name.length, ...name, 0, 80, 99]);
  assert.deepEqual(parseRequest(request), { type: 'read', value: { host: 'my-app', port: 80 }, bytes: 13 });
  for (let length = 0; length < 13; length += 1)
    assert.deepEqual(parseRequest(request.subarray(0, length)), { type: 'incomplete' }, `${length} bytes`);
  const byAddress = Buffer.from([5, 1, 0, 1, 10, 96, 0, 1, 1, 187]);
  assert.deepEqual(parseRequest(byAddress), { type: 'read', value: { host: '10.96.0.1', port: 443 }, bytes: 10 });
  assert.deepEqual(parseRequest(Buffer.from([5, 2, 0, 1, 0])), { type: 'invalid', reply: 'commandNotSupported' });
  assert.deepEqual(parseRequest(Buffer.from([5, 1, 0, 4, 0])), { type: 'invalid', reply: 'addressNotSupported' });
  assert.deepEqual(parseGreeting(Buffer.from('GET /')), { type: 'invalid' });
  assert.deepEqual(parseGreeting(Buffer.from([5, 2, 2, 0])), { type: 'read', value: true, bytes: 4 });
  assert.deepEqual(parseGreeting(Buffer.from([5, 1, 2])), { type: 'read', value: false, bytes: 3 });
});

test('a server connects its clients, loses nothing that was sent early, and says why it can not', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  const lookup = async (name: string): Promise<string> => {
    if (name === 'elsewhere') return '127.96.0.7';
    if (name !== 'echo') throw new Error('no such name');
    return '127.0.0.1';
  };
  const port = (of: Server) => (of.address() as AddressInfo).port; // it listens
  const elsewhere = { host: '127.96.0.7', port: 80 };
  const server = socksServer({
    lookup,
    locate: (place) => (isDeepStrictEqual(place, elsewhere) ? { host: '127.0.0.1', port: port(echo) } : place),
  }).listen(0, '127.0.0.1');
  await Promise.all([once(echo, 'listening'), once(server, 'listening')]);
  const ask = async (name: string, to: number): Promise<Buffer> => {
    const client = connect(port(server), '127.0.0.1');
    const request = Buffer.from([5, 1, 0, 3, name.length, ...Buffer.from(name), to >> 8, to & 255]);
    client.end(Buffer.concat([Buffer.from([5, 1, 0]), request, Buffer.from('early')]));
    return Buffer.concat(await client.toArray());
  };
  const answer = (...parts: Buffer[]) => Buffer.concat([greetingAnswer(true), ...parts]);
  try {
    assert.deepEqual(await ask('echo', port(echo)), answer(replyMessage('succeeded'), Buffer.from('early')));
    assert.deepEqual(await ask('elsewhere', 80), answer(replyMessage('succeeded'), Buffer.from('early')));
    assert.deepEqual(await ask('nobody', 80), answer(replyMessage('hostUnreachable')));
    const free = port(echo);
    echo.close();
    await once(echo, 'close');
    assert.deepEqual(await ask('echo', free), answer(replyMessage('refused')));
  } finally {
    echo.close();
    server.close();
  }
});
