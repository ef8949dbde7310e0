import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { grpcHealth } from './grpc-health.ts';

/** A gRPC server that answers each service with what the test says: a status by number, or a gRPC error. */
async function start(answers: Readonly<Record<string, { status?: number; error?: number }>>) {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const message = Buffer.concat(chunks).subarray(5);
      const { status, error = 0 } = answers[message.subarray(2).toString()] ?? { error: 5 };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': String(error), 'grpc-message': 'so%20be%20it' }),
      );
      const body = status === undefined ? [] : [8, status];
      stream.end(Buffer.from(error === 0 ? [0, 0, 0, 0, body.length, ...body] : []));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

const inTime = AbortSignal.timeout(20_000);

test('a gRPC server is asked for the health of a service', async () => {
  await using server = await start({ '': { status: 1 }, down: { status: 2 }, unsure: {} });
  const ask = (service: string) => grpcHealth({ host: '127.0.0.1', port: server.port, service }, inTime);
  assert.deepEqual(await Promise.all(['', 'down', 'unsure'].map(ask)), ['SERVING', 'NOT_SERVING', 'UNKNOWN']);
  await assert.rejects(ask('other'), /so be it/);
});

test('who does not speak it, or not at all, is an error', async () => {
  await using server = await start({ '': { error: 12 } });
  const target = { host: '127.0.0.1', service: '' };
  await assert.rejects(grpcHealth({ ...target, port: server.port }, inTime), /does not implement the grpc health/);
  await assert.rejects(grpcHealth({ ...target, port: 1 }, inTime), /ECONNREFUSED/);
});
