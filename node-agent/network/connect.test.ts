import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, test } from 'node:test';
import { httpGet } from '../probes/http-get.ts';
import { runProbe } from '../probes/run-probe.ts';
import { connect, followPortDirectory } from './connect.ts';
import { PortDirectory } from './port-directory.ts';

const directory = new PortDirectory(mkdtempSync(`${tmpdir()}/skiff-ports-`));
const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  const body = `${socket.remoteAddress}`;
  socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
});
let real: { address: string; port: number };

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  real = { address: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
  directory.announce({ protocol: 'TCP', address: '127.99.1.2', port: 80 }, real);
  followPortDirectory(directory);
});
after(() => {
  server.close();
  rmSync(directory.folder, { recursive: true });
});
afterEach(() => delete process.env['SKIFF_ONE_LOOPBACK']);

test('what is dialled is found where it really is, from the address that is asked for', async () => {
  const answer = await text(connect({ host: '127.99.1.2', port: 80, from: '127.99.1.3' }));
  assert.match(answer, /127\.99\.1\.3$/);
  assert.match(await text(connect({ host: '127.0.0.1', port: real.port })), /127\.0\.0\.1$/);
});

test('so do probes and hooks', async () => {
  const signal = AbortSignal.timeout(5000);
  const target = { host: '127.99.1.2', port: 80, userAgent: 'x' };
  assert.deepEqual(await httpGet({ port: 80 }, target, signal), { code: 200, body: '127.0.0.1' });
  // Only what these probes use.
  const probed = { container: { name: 'main' }, podIP: '127.99.1.2' } as Parameters<typeof runProbe>[1];
  assert.equal((await runProbe({ tcpSocket: { port: 80 } }, probed)).success, true);
  const closed = await runProbe({ tcpSocket: { port: 81 } }, probed);
  assert.equal(closed.output, 'dial tcp 127.99.1.2:81: connect: connection refused');
});

test('where the machine has one loopback address, all but that are names only: unknown ones refuse', async () => {
  process.env['SKIFF_ONE_LOOPBACK'] = '1';
  assert.match(await text(connect({ host: '127.99.1.2', port: 80, from: '127.99.1.3' })), /127\.0\.0\.1$/);
  await assert.rejects(once(connect({ host: '127.99.1.2', port: real.port }), 'connect'), /ECONNREFUSED/);
});
