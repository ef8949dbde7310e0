import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { MemorySocket } from './memory-socket.ts';

test('what is written at one end is read at the other, and so is the end', async () => {
  const [one, other] = MemorySocket.pair();
  one.write('hello ');
  one.end('world');
  assert.equal(await text(other), 'hello world');
});

test('a writer waits for a reader that takes its time', async () => {
  const [one, other] = MemorySocket.pair();
  const chunk = Buffer.alloc(64 * 1024);
  while (one.write(chunk));
  assert.equal(one.writableNeedDrain, true);
  other.resume();
  await once(one, 'drain');
  assert.equal(one.writableLength, 0);
});

test('when one end is destroyed the other closes', async () => {
  const [one, other] = MemorySocket.pair();
  const closed = once(other, 'close');
  one.destroy();
  await closed;
  assert.equal(other.destroyed, true);
});

test('an idle socket says so, one that carries bytes does not, and 0 takes the listener back', async () => {
  const [one, other] = MemorySocket.pair();
  let told = 0;
  const tell = (): number => told++;
  one.setTimeout(20, tell);
  await once(one, 'timeout');
  assert.equal(told, 1);
  one.setTimeout(60_000, tell);
  one.setTimeout(0, tell);
  assert.equal(one.listenerCount('timeout'), 0);
  other.destroy();
});

test('node:http keeps such a connection and uses it for many requests', async () => {
  const server = http.createServer((request, response) => response.end(request.url));
  const agent = new http.Agent({ keepAlive: true });
  let connections = 0;
  const connect = (): MemorySocket => {
    connections += 1;
    const [client, accepted] = MemorySocket.pair();
    server.emit('connection', accepted);
    return client;
  };
  Object.assign(agent, { createConnection: connect });
  for (const path of ['/a', '/b', '/c']) {
    const request = http.get({ agent, path, host: 'inside' });
    const [response] = await once(request, 'response');
    assert.equal(await text(response), path);
  }
  assert.equal(connections, 1);
  agent.destroy();
});
