import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { dial } from '../network/dial.ts';
import type { NodePod } from '../pods/types.ts';
import { eventually } from '../runtime/contract.ts';
import { FakeRuntime } from '../runtime/fake.ts';
import { SpdyClient } from '../spdy/testing.ts';
import { AgentServer } from './agent-server.ts';
import { attachEndpoint, execEndpoint } from './command-endpoints.ts';
import { NodePods } from './node-pods.ts';
import { portForwardEndpoint } from './port-forward-endpoint.ts';

const pod: NodePod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'app' }] },
};

/** An agent's server with one Pod; its `tr` shouts, its `fail` exits with 3. Port 80 of the Pod echoes. */
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-agent-'));
  const runtime = new FakeRuntime({
    program: () => ({ output: ['hello'] }),
    exec: (_id, command, stdin) => {
      if (command[0] === 'fail') return { exitCode: 3, stderr: 'it failed' };
      return { stdout: stdin.toUpperCase() || command.join(' ') };
    },
  });
  await runtime.runPodSandbox({
    ...{ id: 'u1', podUid: 'u1', namespace: 'default', name: 'web', hostname: 'web' },
    networkNamespace: '',
  });
  const image = { type: 'host', id: 'host', programs: [] } as const;
  const logPath = join(folder, 'app.log');
  const container = { name: 'app', attempt: 0, image, args: ['x'], env: {}, mounts: [], logPath };
  await runtime.startContainer(await runtime.createContainer('u1', container));
  const echo = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as net.AddressInfo; // it listens on TCP
  const pods = new NodePods({ pod: ({ name }) => (name === 'web' ? pod : undefined), runtime });
  const socketPath = join(folder, 'agent.sock');
  const server = new AgentServer({
    socketPath,
    endpoints: {},
    upgrades: {
      exec: execEndpoint({ pods, runtime }),
      attach: attachEndpoint({ pods, runtime }),
      portForward: portForwardEndpoint({
        pods,
        dialer: () => (wanted) => {
          if (wanted !== 80) return Promise.reject(new Error('nobody listens'));
          return dial({ host: '127.0.0.1', port });
        },
      }),
    },
    dial,
  });
  await server.start();
  return {
    socketPath,
    runtime,
    port,
    connect: (path: string, protocol: string) => new WebSocket(`ws+unix://${socketPath}:${path}`, [protocol]),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      echo.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** All that comes over the channels of a WebSocket until it closes. */
async function channels(webSocket: WebSocket): Promise<Record<number, string>> {
  const said: Record<number, string> = {};
  webSocket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    said[channel] = (said[channel] ?? '') + data.subarray(1);
  });
  await once(webSocket, 'close');
  return said;
}

function spdyUpgrade(socketPath: string, path: string, protocol: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol };
    request({ socketPath, path, method: 'POST', headers, agent: false })
      .on('upgrade', (_response, socket) => resolve(socket))
      .on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)))
      .on('error', reject)
      .end();
  });
}

test('a command runs over a WebSocket, its input ends by v5, and how it ended comes as a Status', async () => {
  await using agent = await start();
  const shout = agent.connect('/exec/default/web/app?command=tr&stdin=true&stdout=true', 'v5.channel.k8s.io');
  await once(shout, 'open');
  const heard = channels(shout);
  shout.send(Buffer.from('\x00words'));
  shout.send(Buffer.from([255, 0]));
  assert.deepEqual(await heard, { 1: 'WORDS', 3: '{"metadata":{},"status":"Success"}' });

  const fails = agent.connect('/exec/default/web/app?command=fail&stdout=true&stderr=true', 'v4.channel.k8s.io');
  const { 2: errors, 3: status = '' } = await channels(fails);
  assert.equal(errors, 'it failed');
  assert.deepEqual(JSON.parse(status), {
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: exit status 3',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
});

test('a command runs over SPDY', { timeout: 10_000 }, async () => {
  await using agent = await start();
  const path = '/exec/default/web/app?command=tr&stdin=true&stdout=true';
  const client = new SpdyClient(await spdyUpgrade(agent.socketPath, path, 'v4.channel.k8s.io'));
  const error = await client.open({ streamtype: 'error' });
  const stdin = await client.open({ streamtype: 'stdin' });
  const stdout = await client.open({ streamtype: 'stdout' });
  client.send(stdin, 'some ');
  client.send(stdin, 'words', { fin: true });
  await eventually(
    () => ({ error, stdout }),
    () => error.ended && stdout.ended,
  );
  assert.deepEqual([stdout.text, error.text], ['SOME WORDS', '{"metadata":{},"status":"Success"}']);
});

test('attaching shows what a container says until it ends', async () => {
  await using agent = await start();
  const attached = agent.connect('/attach/default/web/app?stdout=true', 'v5.channel.k8s.io');
  await once(attached, 'message');
  const heard = channels(attached);
  agent.runtime.exit('u1/app/0', 0);
  assert.deepEqual(await heard, { 3: '{"metadata":{},"status":"Success"}' });
});

test('ports are forwarded over SPDY', { timeout: 10_000 }, async () => {
  await using agent = await start();
  const transport = await spdyUpgrade(agent.socketPath, '/portForward/default/web', 'portforward.k8s.io');
  const client = new SpdyClient(transport);
  for (const requestid of ['0', '1']) {
    const error = await client.open({ streamtype: 'error', port: '80', requestid });
    const data = await client.open({ streamtype: 'data', port: '80', requestid });
    client.send(data, `echo ${requestid}`, { fin: true });
    await eventually(
      () => ({ error, data }),
      () => data.ended && error.ended,
    );
    assert.deepEqual([data.text, error.text, data.reset], [`echo ${requestid}`, '', false]);
  }
  const error = await client.open({ streamtype: 'error', port: '81', requestid: '2' });
  await client.open({ streamtype: 'data', port: '81', requestid: '2' });
  await eventually(
    () => error,
    () => error.ended,
  );
  assert.equal(error.text, 'error forwarding port 81 to pod web: nobody listens');
  transport.destroy();
});

test('ports are forwarded over plain WebSocket channels', { timeout: 10_000 }, async () => {
  await using agent = await start();
  const client = agent.connect('/portForward/default/web?ports=80&ports=81', 'v4.channel.k8s.io');
  const said: string[] = [];
  client.on('message', (data: Buffer) => void said.push(data.toString('latin1')));
  await once(client, 'open');
  client.send(Buffer.from('\x00hello'));
  const failure = '\x03error forwarding port 81 to pod web: nobody listens';
  await eventually(
    () => said,
    (all) => all.includes('\x00hello') && all.includes(failure),
  );
  assert.deepEqual(said.slice(0, 4), ['\x00P\x00', '\x01P\x00', '\x02Q\x00', '\x03Q\x00']);
  client.close();
});

test('CONNECT reaches into the network of the node', async () => {
  await using agent = await start();
  const open = (path: string): Promise<[number | undefined, string]> =>
    new Promise((resolve) => {
      request({ socketPath: agent.socketPath, method: 'CONNECT', path, agent: false })
        .on('connect', ({ statusCode }, socket, head) => {
          let said = String(head);
          socket.on('data', (data) => {
            said += data;
          });
          socket.on('end', () => resolve([statusCode, said])).end('hello');
        })
        .end();
    });
  assert.deepEqual(await open(`127.0.0.1:${agent.port}`), [200, 'hello']);
  const [code, body] = await open('127.0.0.1:1');
  assert.deepEqual([code, JSON.parse(body).message], [500, 'connect ECONNREFUSED 127.0.0.1:1']);
});

test('what can not be is refused before the protocol changes', async () => {
  await using agent = await start();
  const cases: [path: string, protocol: string, answer: RegExp][] = [
    ['/exec/default/other/app?command=ls', 'v5.channel.k8s.io', /404/],
    ['/exec/default/web/other?command=ls', 'v5.channel.k8s.io', /404/],
    ['/exec/default/web/app', 'v5.channel.k8s.io', /400/],
    ['/exec/default/web/app?command=ls', 'v1.channel.k8s.io', /400/],
    ['/portForward/default/web', 'v4.channel.k8s.io', /400/],
    ['/nothing', 'v4.channel.k8s.io', /404/],
  ];
  for (const [path, protocol, answer] of cases) {
    const [error] = await once(agent.connect(path, protocol), 'error');
    assert.match(String(error), answer, path);
  }
});
