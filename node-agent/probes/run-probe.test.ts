import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { FakeRuntime } from '../runtime/fake.ts';
import { type ProbeOutcome, runProbe } from './run-probe.ts';

suite('a probe by HTTP or gRPC', () => {
  const asked: IncomingMessage[] = [];
  const redirects: Record<string, string> = {
    '/to-good': '/good',
    '/to-bad': '/bad',
    '/loop': '/loop',
    '/elsewhere': 'http://example.com/good',
  };
  const server = http.createServer((request, response) => {
    asked.push(request);
    const { url = '' } = request;
    const location = redirects[url];
    if (location) response.writeHead(302, { location }).end('moved');
    else response.writeHead(url === '/bad' ? 500 : 200).end();
  });
  const garbage = net.createServer((socket) => socket.end('garbage\r\n\r\n'));
  const mute = net.createServer(() => undefined);
  const ports = { server: 0, garbage: 0, mute: 0, nobody: 0 };
  before(async () => {
    const nobody = net.createServer();
    for (const [name, one] of Object.entries({ server, garbage, mute, nobody })) {
      one.listen(0, '127.0.0.1');
      await once(one, 'listening');
      // A TCP server has one.
      Object.assign(ports, { [name]: (one.address() as AddressInfo).port });
    }
    nobody.close();
  });
  after(() => {
    server.closeAllConnections();
    for (const one of [server, garbage, mute]) one.close();
  });

  const probe = (action: Parameters<typeof runProbe>[0]): Promise<ProbeOutcome> =>
    runProbe(action, {
      container: { name: 'app' },
      containerId: 'u1/app/0',
      podIP: '127.0.0.1',
      runtime: new FakeRuntime(),
    });
  const get = (path: string, port = ports.server) => probe({ httpGet: { path, port } });

  test('follows redirects to the same host, and takes one that leads elsewhere for good, with a warning', async () => {
    assert.deepEqual(await get('/to-good'), { success: true, output: 'HTTP probe failed with statuscode: 200' });
    assert.deepEqual(await get('/to-bad'), { success: false, output: 'HTTP probe failed with statuscode: 500' });
    const warning = 'Probe terminated redirects, Response body: moved';
    assert.deepEqual(await get('/elsewhere'), { success: true, output: '', warning });
    const loop = await get('/loop');
    assert.equal(loop.success, false);
    assert.match(loop.output, /^Get "http:\/\/127\.0\.0\.1:\d+\/loop": stopped after 10 redirects$/);
  });

  test('sends the headers that it is given, however often, and its own', async () => {
    asked.length = 0;
    const httpHeaders = [
      { name: 'Host', value: 'my.host' },
      { name: 'X-A', value: '1' },
      { name: 'x-a', value: '2' },
    ];
    await probe({ httpGet: { path: '/good?a=b', port: ports.server, httpHeaders } });
    const [request] = asked;
    assert.deepEqual([request?.url, request?.headers.host, request?.headers['x-a']], ['/good?a=b', 'my.host', '1, 2']);
    assert.equal(request?.headers['user-agent'], 'kube-probe/1.36');
    const own = [{ name: 'User-Agent', value: 'me' }];
    await probe({ httpGet: { port: ports.server, httpHeaders: own } });
    assert.equal(asked[1]?.headers['user-agent'], 'me');
  });

  test('says in the words of Kubernetes what went wrong', async () => {
    const says = async (action: Parameters<typeof runProbe>[0], words: RegExp) => {
      const { success, output } = await probe(action);
      assert.equal(success, false);
      assert.match(output, words);
    };
    const { garbage: bad, mute: silent, nobody, server: plain } = ports;
    await says(
      { httpGet: { port: nobody } },
      /^Get "http:.*": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    );
    await says(
      { httpGet: { port: bad } },
      /^Get "http:.*": net\/http: HTTP\/1\.x transport connection broken: malformed/,
    );
    await says(
      { httpGet: { port: silent } },
      /context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)$/,
    );
    await says({ httpGet: { port: plain, scheme: 'HTTPS' } }, /: http: server gave HTTP response to HTTPS client$/);
    await says({ httpGet: { port: 'web' } }, /^couldn't find port: web$/);
    await says({ grpc: { port: nobody } }, /^timeout: failed to connect service "127\.0\.0\.1:\d+" within 1s: context/);
    await says({ grpc: { port: silent } }, /^timeout: health rpc did not complete within 1s$/);
    await says({ tcpSocket: { port: nobody } }, /^dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/);
  });
});
