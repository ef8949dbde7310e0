import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@skiff/client/testing/eventually';
import { PortDirectory } from '@skiff/node-agent/network/port-directory';
import { HostLoadBalancer } from './host-load-balancer.ts';
import { HostPortBroker } from './host-ports.ts';

const HOST = '127.0.0.1';
const program = fileURLToPath(import.meta.resolve('./host-ports-agent.ts'));

suite('ports of the host', () => {
  let broker: HostPortBroker;
  let inside: net.Server;
  let target: { host: string; port: number };
  const agents: ChildProcess[] = [];

  beforeEach(async () => {
    broker = new HostPortBroker();
    // Answers when the client has ended, as a half-open connection allows.
    inside = net.createServer({ allowHalfOpen: true }, async (socket) => socket.end(`heard ${await text(socket)}`));
    inside.listen(0, HOST);
    await once(inside, 'listening');
    target = { host: HOST, port: portOf(inside) };
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.kill('SIGKILL');
    broker.close();
    inside.close();
  });

  test('answer as soon as an agent serves them, and refuse when no agent wants them any more', async () => {
    const port = { protocol: 'TCP' as const, address: HOST, port: await freePort(), target };
    const agent = connect();
    agent.send({ type: 'serve', ports: [port] });
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'heard hello'));
    assert.deepEqual(broker.list(), [{ protocol: 'TCP', address: HOST, port: port.port, hostPort: port.port }]);
    agent.send({ type: 'serve', ports: [] });
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'ECONNREFUSED'));
  });

  test('go on answering when one of two agents is killed', async () => {
    const port = { protocol: 'TCP' as const, address: HOST, port: await freePort(), target };
    const [one, two] = [connect(), connect()];
    for (const agent of [one, two]) agent.send({ type: 'serve', ports: [port] });
    for (const agent of [one, two]) await eventually(async () => assert.equal((await counts(agent)).listening, 1));
    one.kill('SIGKILL');
    await once(one, 'exit');
    for (let call = 0; call < 10; call += 1) assert.equal(await ask(port.port, `${call}`), `heard ${call}`);
    two.kill('SIGKILL');
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'ECONNREFUSED'));
  });

  test('reset a client whose target refuses, and count it', async () => {
    const port = {
      protocol: 'TCP' as const,
      address: HOST,
      port: await freePort(),
      target: { host: HOST, port: await freePort() },
    };
    const agent = connect();
    agent.send({ type: 'serve', ports: [port] });
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'ECONNRESET'));
    await eventually(async () => {
      const { accepted, failed, active } = await counts(agent);
      assert.deepEqual({ same: accepted === failed, active }, { same: true, active: 0 });
    });
  });

  test('that are in use are told to the agent', async () => {
    const agent = connect();
    const refused = once(agent, 'message').then(() => once(agent, 'message'));
    agent.send({ type: 'serve', ports: [{ protocol: 'TCP', address: HOST, port: target.port, target }] });
    const [message] = await refused;
    assert.deepEqual(message, { type: 'refused', text: `127.0.0.1:${target.port} EADDRINUSE` });
  });

  test('that are wanted alone are served by one agent, and by another when that one is gone', async () => {
    const port = { protocol: 'TCP', address: HOST, port: await freePort(), target, alone: true } as const;
    const [one, two] = [connect(), connect()];
    for (const agent of [one, two]) agent.send({ type: 'serve', ports: [port] });
    const serving = async () => Promise.all([one, two].map(async (agent) => (await counts(agent)).listening));
    await eventually(async () => assert.deepEqual((await serving()).sort(), [0, 1]));
    const [first = 0] = await serving();
    const [server, other] = first === 1 ? [one, two] : [two, one];
    server.kill('SIGKILL');
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'heard hello'));
    assert.equal((await counts(other)).listening, 1);
  });

  test('that become wanted alone are taken from all agents but one', async () => {
    const port = { protocol: 'TCP', address: HOST, port: await freePort(), target } as const;
    const both = [connect(), connect()];
    const serving = async () => Promise.all(both.map(async (agent) => (await counts(agent)).listening));
    for (const agent of both) agent.send({ type: 'serve', ports: [port] });
    await eventually(async () => assert.deepEqual(await serving(), [1, 1]));
    for (const agent of both) agent.send({ type: 'serve', ports: [{ ...port, alone: true }] });
    await eventually(async () => assert.deepEqual((await serving()).sort(), [0, 1]));
    for (let call = 0; call < 5; call += 1) assert.equal(await ask(port.port, `${call}`), `heard ${call}`);
  });

  test('of UDP are carried too', async () => {
    const echo = createSocket('udp4');
    echo.on('message', (message, from) => echo.send(`heard ${message}`, from.port, from.address));
    echo.bind(0, HOST);
    await once(echo, 'listening');
    const udp = { host: HOST, port: echo.address().port };
    const port = { protocol: 'UDP', address: HOST, port: await freePort(), target: udp, alone: true } as const;
    for (const agent of [connect(), connect()]) agent.send({ type: 'serve', ports: [port] });
    await eventually(async () => assert.equal(await askUdp(port.port, 'hello'), 'heard hello'));
    agents[0]?.kill('SIGKILL');
    await eventually(async () => assert.equal(await askUdp(port.port, 'again'), 'heard again'));
    echo.close();
  });

  test('take only clients of their source ranges', async () => {
    const port = { protocol: 'TCP', address: HOST, port: await freePort(), target } as const;
    const agent = connect();
    agent.send({ type: 'serve', ports: [{ ...port, sourceRanges: ['192.0.2.0/24'] }] });
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'ECONNRESET'));
    agent.send({ type: 'serve', ports: [{ ...port, sourceRanges: ['192.0.2.0/24', '127.0.0.1/32'] }] });
    await eventually(async () => assert.equal(await ask(port.port, 'hello'), 'heard hello'));
  });

  test('of a load balancer refuse at once when nobody serves them any more, and answer again after that', async () => {
    const balancer = new HostLoadBalancer({ broker });
    const port = await freePort();
    const { address } = await balancer.reserve({ service: 'default/a', ports: [{ port, protocol: 'TCP' }] });
    const agent = connect();
    for (const _ of ['once', 'again']) {
      agent.send({ type: 'serve', ports: [{ protocol: 'TCP', address, port, target }] });
      await eventually(async () => assert.equal(await ask(port, 'hello', address), 'heard hello'));
      agent.send({ type: 'serve', ports: [] });
      await eventually(async () => assert.equal(await ask(port, 'hello', address), 'ECONNREFUSED'));
    }
  });

  test('are opened on loopback addresses only', async () => {
    assert.throws(
      () => broker.reserve({ protocol: 'TCP', address: '0.0.0.0', port: 0 }, { otherPort: true }),
      /EADDRNOTAVAIL/,
    );
  });

  test('carry much data whole and at the pace of the slower side', async () => {
    const size = 8 * 1024 * 1024;
    const source = net.createServer({ allowHalfOpen: true }, (socket) => socket.end(Buffer.alloc(size, 'x')));
    source.listen(0, HOST);
    await once(source, 'listening');
    const port = {
      protocol: 'TCP' as const,
      address: HOST,
      port: await freePort(),
      target: { host: HOST, port: portOf(source) },
    };
    connect().send({ type: 'serve', ports: [port] });
    await eventually(async () => assert.equal((await ask(port.port, '')).length, size));
    source.close();
  });

  test('of a load balancer are opened on an address of its own, which it keeps', async () => {
    const balancer = new HostLoadBalancer({ broker });
    const port = await freePort();
    const ports = [{ port, protocol: 'TCP' }];
    const first = await balancer.reserve({ service: 'default/a', ports });
    assert.deepEqual(first, { address: '127.18.0.1', ports: [{ port, protocol: 'TCP', hostPort: port }] });
    const second = await balancer.reserve({ service: 'default/b', ports });
    assert.equal(second.address, '127.18.0.2');
    assert.deepEqual(await balancer.reserve({ service: 'default/a', ports }), first);

    connect().send({ type: 'serve', ports: [{ protocol: 'TCP', address: first.address, port, target }] });
    await eventually(async () => assert.equal(await ask(port, 'hello', first.address), 'heard hello'));
    await balancer.release('default/b');
    assert.deepEqual(
      broker.list().map(({ address }) => address),
      [first.address],
    );
  });

  test('of a load balancer that are in use everywhere are replaced by others', async () => {
    const busy = net.createServer().listen(0, '0.0.0.0');
    await once(busy, 'listening');
    const balancer = new HostLoadBalancer({ broker });
    const port = portOf(busy);
    const { address, ports } = await balancer.reserve({ service: 'default/a', ports: [{ port, protocol: 'TCP' }] });
    assert.equal(address, '127.18.0.1');
    assert.equal(ports[0]?.error, 'skiff.dev/PortInUse');
    connect().send({ type: 'serve', ports: [{ protocol: 'TCP', address, port, target }] });
    await eventually(async () => assert.equal(await ask(ports[0]?.hostPort ?? 0, 'hello', address), 'heard hello'));
    busy.close();
  });

  test('of cluster IPs on the host’s network that can not be had are elsewhere, as the directory says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-ports-'));
    const directory = new PortDirectory(folder);
    broker = new HostPortBroker({ elsewhere: { services: '127.96.0.0/16', directory } });
    const busy = net.createServer().listen(0, '127.96.3.4');
    await once(busy, 'listening');
    const place = { protocol: 'TCP' as const, address: '127.96.3.4', port: portOf(busy) };
    const free = { ...place, port: await freePort() };
    const agent = connect();
    agent.send({ type: 'serve', ports: [place, free].map((one) => ({ ...one, target })) });
    const real = await eventually(() => {
      const found = directory.find(place);
      assert.ok(found);
      return found;
    });
    await eventually(async () => assert.equal(await ask(real.port, 'hello', real.address), 'heard hello'));
    await eventually(async () => assert.equal(await ask(free.port, 'hello', free.address), 'heard hello'));
    assert.equal(directory.find(free), undefined);
    agent.send({ type: 'serve', ports: [] });
    await eventually(() => assert.equal(directory.find(place), undefined));
    busy.close();
    rmSync(folder, { recursive: true });
  });

  test('of load balancers are on the one loopback address where there is one, and then elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skiff-ports-'));
    const directory = new PortDirectory(folder);
    process.env['SKIFF_ONE_LOOPBACK'] = '1';
    try {
      broker = new HostPortBroker({ elsewhere: { services: '127.96.0.0/16', directory } });
      const balancer = new HostLoadBalancer({ broker });
      const port = await freePort();
      const ports = [{ port, protocol: 'TCP' as const }];
      assert.equal((await balancer.reserve({ service: 'default/a', ports })).address, HOST);
      const second = await balancer.reserve({ service: 'default/b', ports });
      assert.equal(second.address, '127.18.0.1');
      const real = directory.find({ protocol: 'TCP', address: second.address, port });
      assert.deepEqual(real, { address: HOST, port: second.ports[0]?.hostPort });
    } finally {
      delete process.env['SKIFF_ONE_LOOPBACK'];
      broker.close();
      assert.deepEqual(readdirSync(folder), []);
      rmSync(folder, { recursive: true });
    }
  });

  // Root is permitted all of them.
  const asOrdinaryUser = process.getuid?.() === 0 ? () => undefined : test;
  asOrdinaryUser('that are not permitted are replaced for a load balancer', async () => {
    const balancer = new HostLoadBalancer({ broker });
    const { ports } = await balancer.reserve({ service: 'default/a', ports: [{ port: 80, protocol: 'TCP' }] });
    assert.equal(ports[0]?.error, 'skiff.dev/PortNotPermitted');
    assert.ok((ports[0]?.hostPort ?? 0) >= 1024);
  });

  function connect(): ChildProcess {
    const agent = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    broker.connect(agent);
    agents.push(agent);
    return agent;
  }
});

interface Counts {
  listening: number;
  accepted: number;
  failed: number;
  active: number;
}

async function counts(agent: ChildProcess): Promise<Counts> {
  const answer = new Promise<Counts>((resolve) => {
    const hear = (message: unknown) => {
      // Sent by host-ports-agent.ts.
      const { type, ...rest } = message as { type: string } & Counts;
      if (type !== 'counts') return;
      agent.off('message', hear);
      resolve(rest);
    };
    agent.on('message', hear);
  });
  agent.send({ type: 'count' });
  return answer;
}

/** Sends a text, ends its side, and gives what comes back until the end, or an error code. */
async function ask(port: number, question: string, host = HOST): Promise<string> {
  const socket = net.connect({ host, port, allowHalfOpen: true });
  socket.end(question);
  return text(socket).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
}

async function askUdp(port: number, question: string): Promise<string> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(500) });
  socket.on('error', () => undefined).connect(port, HOST, () => socket.send(question));
  try {
    const [message] = await answered;
    return String(message);
  } finally {
    socket.close();
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, HOST);
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: net.Server): number {
  // A TCP server that listens has such an address.
  return (server.address() as AddressInfo).port;
}
