import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Outbox, responseSink, webSocketSink } from './outbox.ts';

/** A server whose one answer the test writes, and the answer as its client has it. */
async function exchange() {
  const server = createServer();
  const answered = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is never a path.
  const { port } = server.address() as AddressInfo;
  const client = get({ host: '127.0.0.1', port, agent: false });
  // What `request` events carry.
  const [, response] = (await answered) as [unknown, ServerResponse];
  response.flushHeaders();
  const [answer] = await once(client, 'response');
  return {
    response,
    answer,
    [Symbol.asyncDispose]: async () => {
      client.on('error', () => {}).destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('frames of one turn go out as one chunk of lines', async () => {
  await using wire = await exchange();
  const outbox = new Outbox(responseSink(wire.response));
  outbox.send('{"a":1}');
  outbox.send('{"b":2}');
  const [chunk] = await once(wire.answer, 'data');
  assert.equal(String(chunk), '{"a":1}\n{"b":2}\n');
  outbox.send('{"c":3}');
  outbox.end();
  outbox.send('never');
  assert.equal(String(await wire.answer.toArray()), '{"c":3}\n');
});

test('a watcher that does not read is cut off at the limit', async () => {
  await using wire = await exchange();
  const closed = once(wire.response, 'close');
  let cuts = 0;
  const outbox = new Outbox(responseSink(wire.response), { limit: 1_000_000, onCut: () => cuts++ });
  const frame = 'x'.repeat(100_000);
  let sent = 0;
  while (!outbox.cut) {
    outbox.send(frame);
    sent++;
    assert.ok(sent < 10_000, 'it was never cut off');
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(wire.response.writableLength <= 1_000_000);
  outbox.send(frame);
  assert.equal(cuts, 1);
  await closed;
});

test('a sink tells when its connection closes, and at once where it has closed', async () => {
  await using wire = await exchange();
  const sink = responseSink(wire.response);
  const told = new Promise<void>((resolve) => sink.onClose(resolve));
  wire.response.destroy();
  await told;
  let late = false;
  sink.onClose(() => {
    late = true;
  });
  assert.equal(late, true);
});

test('a WebSocket gets a message per frame', async () => {
  const sent: string[] = [];
  const methods = { send: (data: string) => void sent.push(data), close() {}, terminate() {}, once() {} };
  const socket = { bufferedAmount: 0, ...methods };
  const outbox = new Outbox(webSocketSink(socket));
  outbox.send('a');
  outbox.send('b');
  outbox.end();
  assert.deepEqual(sent, ['a', 'b']);
});
