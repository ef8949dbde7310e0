import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { DnsServer } from '../dns/dns-server.ts';
import { Forwarder } from '../dns/forwarder.ts';
import { Responder } from '../dns/responder.ts';
import { TestView } from '../dns/testing.ts';
import { ClusterZone } from '../dns/zone.ts';
import { PortDirectory } from '../network/port-directory.ts';

// Of the range that no cluster uses, so that these tests are alone there.
const pod = '127.99.1.2';
const other = '127.99.1.3';
const dnsIP = '127.99.0.10';

const folder = mkdtempSync(join(tmpdir(), 'skiff-preload-'));
const volume = join(folder, 'volume');
const directory = new PortDirectory(join(folder, 'ports'));
const preload = join(import.meta.dirname, 'main.cjs');
after(() => rmSync(folder, { recursive: true }));

before(() => {
  mkdirSync(volume);
  mkdirSync(directory.folder);
  const files = {
    hostname: 'web-0\n',
    hosts: `127.0.0.1\tlocalhost\n${pod}\tweb-0\n203.0.113.9 alias.example\n`,
    'resolv.conf': `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${dnsIP}\noptions ndots:5\n`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const etc = Object.keys(files).map((name) => ({ target: `/etc/${name}`, source: join(folder, name) }));
  writeFileSync(join(folder, 'root.json'), JSON.stringify({ mounts: [...etc, { target: '/data', source: volume }] }));
});

function environment(ip: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const pod = { SKIFF_ROOT: join(folder, 'root'), SKIFF_POD_IP: ip, SKIFF_PORTS: directory.folder };
  return { PATH: process.env['PATH'], NODE_OPTIONS: `--require=${preload}`, ...pod, ...more };
}

/** What a module printed that runs in a Pod. */
async function run(code: string, { ip = pod, env = {} }: { ip?: string; env?: Record<string, string> } = {}) {
  const args = ['--input-type=module', '-e', code];
  return (await promisify(execFile)(process.execPath, args, { env: environment(ip, env), cwd: folder })).stdout;
}

/** A program that listens with node:net on what it is told, and says who calls from where to where. */
const server = `import net from 'node:net';
const server = net.createServer((socket) => socket.end(socket.remoteAddress + ' ' + socket.localAddress));
server.listen(...JSON.parse(process.env.LISTEN), () => console.log(JSON.stringify(server.address())));`;

async function listen(args: unknown[], { ip = pod, env = {}, enter = [] as string[] } = {}) {
  const command = [...enter, process.execPath, '--input-type=module', '-e', server];
  const [file = '', ...rest] = command;
  const child = spawn(file, rest, {
    env: environment(ip, { LISTEN: JSON.stringify(args), ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(10_000) });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { address: JSON.parse(line), [Symbol.asyncDispose]: close };
}

const call = (host: string, port: number): string =>
  `import { text } from 'node:stream/consumers';
   import net from 'node:net';
   console.log(await text(net.connect(${port}, '${host}')));`;

test('files below mounts are those of the volumes, by every way to them; others are the host’s', async () => {
  writeFileSync(join(volume, 'file'), 'words');
  const output = await run(`
    import fs, { readFileSync, promises, createReadStream } from 'node:fs';
    import { readFile, stat } from 'node:fs/promises';
    import { text } from 'node:stream/consumers';
    const url = new URL('file:///data/file');
    const found = [
      ...[readFileSync('/data/file'), readFileSync('/data/../data//file'), readFileSync(url), readFileSync(Buffer.from('/data/file'))],
      ...[await readFile('/data/file'), await promises.readFile('/data/file'), await text(createReadStream('/data/file'))],
      await new Promise((resolve) => fs.readFile('/data/file', (_, bytes) => resolve(bytes))),
    ];
    fs.writeFileSync('/data/new', 'new');
    fs.renameSync('/data/new', '/data/newer');
    console.log(found.join(' '), fs.readdirSync('/data').join(), (await stat('/data')).isDirectory());
    console.log(fs.existsSync('/database'), fs.existsSync('/etc/passwd'), fs.readFileSync('/etc/hostname', 'utf8').trim());`);
  assert.equal(output, `${Array(8).fill('words').join(' ')} file,newer true\nfalse true web-0\n`);
});

test('the hostname is the Pod’s', async () => {
  assert.equal(await run("import { hostname } from 'node:os'; console.log(hostname())"), 'web-0\n');
});

for (const args of [
  [8081],
  [8081, '0.0.0.0'],
  [8081, '::'],
  [8081, 'localhost'],
  [8081, '127.0.0.1'],
  [{ port: 8081 }],
  [8081, pod],
])
  test(`listening on ${JSON.stringify(args)} is listening on the Pod's address`, async () => {
    await using served = await listen(args);
    assert.deepEqual(served.address, { address: pod, family: 'IPv4', port: 8081 });
    await assert.rejects(once(net.connect(8081, '127.0.0.1'), 'connect'), /ECONNREFUSED/);
    const called = net.connect({ host: pod, port: 8081, localAddress: other });
    assert.equal(await text(called), `${other} ${pod}`);
  });

test('localhost is the Pod itself, and others see its address', async () => {
  await using _ = await listen([8082]);
  for (const host of ['localhost', '127.0.0.1', '::1', pod])
    assert.equal(await run(call(host, 8082)), `${pod} ${pod}\n`);
  assert.equal(await run(call(pod, 8082), { ip: other }), `${other} ${pod}\n`);
  await assert.rejects(run(call('localhost', 8082), { ip: other }), /ECONNREFUSED/);
});

test('HTTP by fetch goes the same ways', async () => {
  const code = `import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end(request.socket.remoteAddress)).listen(8083, async () => {
      console.log(await (await fetch('http://localhost:8083')).text());
      server.close();
      server.closeAllConnections();
    });`;
  assert.equal(await run(code), `${pod}\n`);
});

for (const type of ['udp4', 'udp6'] as const)
  test(`datagrams to a ${type} socket that is bound everywhere arrive at the Pod's address, and are answered`, async () => {
    const code = `import dgram from 'node:dgram';
      const socket = dgram.createSocket('${type}').bind(5354, () => console.log(socket.address().address));
      socket.on('message', (message, { port, address }) => socket.send('got ' + message, port, address, () => socket.close()));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env: environment(pod) });
    assert.equal(String(await once(createInterface(child.stdout), 'line')), pod);
    const client = dgram.createSocket('udp4');
    client.bind(0, '127.0.0.1', () => client.send('words', 5354, pod));
    const [message] = await once(client, 'message', { signal: AbortSignal.timeout(10_000) });
    assert.equal(String(message), 'got words');
    client.close();
    await once(child, 'exit');
  });

test('datagrams come from the Pod’s address, and the answers to them arrive', async () => {
  const server = dgram.createSocket('udp4').bind(0, other);
  await once(server, 'listening');
  server.on('message', (message, from) => server.send(`${message} ${from.address}`, from.port, from.address));
  const code = `import dgram from 'node:dgram';
    const socket = dgram.createSocket('udp4');
    let left = 2;
    socket.on('message', (message, { address }) => {
      console.log(String(message), address);
      left -= 1;
      if (left === 0) socket.close();
    });
    for (const word of ['one', 'two']) socket.send(word, ${server.address().port}, '${other}');`;
  assert.deepEqual((await run(code)).trim().split('\n').sort(), [`one ${pod} ${other}`, `two ${pod} ${other}`]);
  server.close();
});

test('a program finds a port that was opened elsewhere, by TCP and UDP, and does not notice', async () => {
  const tcp = net.createServer((socket) => socket.end('here')).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as net.AddressInfo; // of TCP
  directory.announce({ protocol: 'TCP', address: '127.99.0.1', port: 443 }, { address: '127.0.0.1', port });
  const dials = `import net from 'node:net';
    const socket = net.connect(443, '127.99.0.1', () => console.log(socket.remoteAddress, socket.remotePort)).on('data', (data) => console.log(String(data)));`;
  assert.equal(await run(dials), '127.99.0.1 443\nhere\n');
  tcp.close();
  const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  udp.on('message', (message, from) => udp.send(`got ${message}`, from.port, from.address));
  const real = { address: '127.0.0.1', port: udp.address().port };
  directory.announce({ protocol: 'UDP', address: '127.99.0.1', port: 53 }, real);
  const asks = (send: string) => `import dgram from 'node:dgram';
    const socket = dgram.createSocket('udp4').on('message', (message, { address, port }) => {
      console.log(String(message), address, port);
      socket.close();
    });
    ${send};`;
  assert.equal(await run(asks("socket.send('x', 53, '127.99.0.1')")), 'got x 127.99.0.1 53\n');
  const connected = "socket.connect(53, '127.99.0.1', () => socket.send(socket.remoteAddress().address))";
  assert.equal(await run(asks(connected)), 'got 127.99.0.1 127.99.0.1 53\n');
  udp.close();
});

test('where the machine has one loopback address, all ports are opened elsewhere, and found', async () => {
  const env = { SKIFF_ONE_LOOPBACK: '1', SKIFF_PORT: '8085' };
  await using served = await listen([8084], { env });
  assert.deepEqual(served.address, { address: pod, family: 'IPv4', port: 8084 });
  assert.equal(directory.find({ protocol: 'TCP', address: pod, port: 8084 })?.address, '127.0.0.1');
  for (const host of ['localhost', pod]) assert.equal(await run(call(host, 8084), { env }), '127.0.0.1 127.0.0.1\n');
  await assert.rejects(run(call(other, 8084), { env }), /ECONNREFUSED/);
  await using agreed = await listen([8085], { env });
  assert.deepEqual(agreed.address, { address: '127.0.0.1', family: 'IPv4', port: 8085 });
});

const mayNotListen = ['setpriv', '--bounding-set=-net_bind_service', '--inh-caps=-net_bind_service', '--'];
const start = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

test('a low port that is not permitted is opened elsewhere, and one that is takes its place', {
  skip: start <= 80 ? 'everybody may listen on low ports here' : false,
}, async () => {
  const isRoot = process.getuid?.() === 0;
  {
    await using served = await listen([80], isRoot ? { enter: mayNotListen } : {});
    assert.deepEqual(served.address, { address: pod, family: 'IPv4', port: 80 });
    assert.equal(directory.find({ protocol: 'TCP', address: pod, port: 80 })?.address, pod);
    assert.equal(await run(call(pod, 80)), `${pod} ${pod}\n`);
  }
  // It was killed, and could not take its word back.
  if (!isRoot) return;
  await using _ = await listen([80]);
  assert.equal(directory.find({ protocol: 'TCP', address: pod, port: 80 }), undefined);
  assert.equal(await run(call(pod, 80)), `${pod} ${pod}\n`);
});

test('a port that was opened elsewhere is forgotten when it is closed, and when the program ends', async () => {
  const env = { SKIFF_ONE_LOOPBACK: '1' };
  const found = `import { readdirSync } from 'node:fs'; import net from 'node:net';
    const ports = () => readdirSync(process.env.SKIFF_PORTS).filter((name) => /-809/.test(name)).join();
    const a = net.createServer().listen(8090, () => net.createServer().listen(8091, () => {
      console.log(ports());
      a.close(() => { console.log(ports()); process.exit(); });
    }));`;
  assert.equal(await run(found, { env }), `TCP-${pod}-8090,TCP-${pod}-8091\nTCP-${pod}-8091\n`);
  assert.deepEqual(
    readdirSync(directory.folder).filter((name) => name.includes('-809')),
    [],
  );
});

suite('names', () => {
  const view = new TestView().add('web', { clusterIP: '127.99.0.20', ports: [{ port: 80, targetPort: 80 }] });
  const zone = new ClusterZone({ domain: 'cluster.local', ttl: 5, podNames: true, view });
  const responder = new Responder({ zone, forwarder: new Forwarder({ upstreams: [], timeoutMs: 200 }) });
  const dns = new DnsServer({
    address: '127.0.0.1',
    port: 0,
    respond: (message, { transport }) => responder.respond(message, transport),
  });
  before(async () => {
    await dns.start();
    directory.announce({ protocol: 'UDP', address: dnsIP, port: 53 }, { address: '127.0.0.1', port: dns.port });
  });
  after(() => dns.close());

  test('are those of the cluster, short and full, by lookup and by asking for a record', async () => {
    const code = `import dns, { lookup } from 'node:dns';
      import { promisify } from 'node:util';
      const names = ['web', 'web.default', 'web.default.svc.cluster.local', 'web.default.svc.cluster.local.'];
      for (const name of names) console.log((await dns.promises.lookup(name)).address, (await promisify(lookup)(name, 4)).address);
      console.log(JSON.stringify(await dns.promises.lookup('web', { all: true })));
      console.log((await dns.promises.resolve4(names[2])).join(), (await new dns.promises.Resolver().resolve4(names[2])).join());`;
    const lines = (await run(code)).trim().split('\n');
    assert.deepEqual(lines.slice(0, 4), Array(4).fill('127.99.0.20 127.99.0.20'));
    assert.deepEqual(lines.slice(4), ['[{"address":"127.99.0.20","family":4}]', '127.99.0.20 127.99.0.20']);
  });

  test('of the Pod’s hosts file come first, and those of localhost stay', async () => {
    const code = `import { promises } from 'node:dns';
      for (const name of ['web-0', 'alias.example', 'localhost', '192.0.2.1']) console.log((await promises.lookup(name, 4)).address);`;
    assert.equal(await run(code), `${pod}\n203.0.113.9\n127.0.0.1\n192.0.2.1\n`);
  });

  test('that are not there are not found, as programs know it', async () => {
    const code = `import { lookup } from 'node:dns';
      lookup('nowhere.default.svc.cluster.local', ({ code, syscall, hostname }) => console.log(code, syscall, hostname));`;
    assert.equal(await run(code), 'ENOTFOUND getaddrinfo nowhere.default.svc.cluster.local\n');
  });

  test('lead a program that connects by one', async () => {
    await using _ = await listen([80], { ip: '127.99.0.20', env: { SKIFF_ONE_LOOPBACK: '1' } });
    assert.equal(await run(call('web', 80)), `${pod} 127.0.0.1\n`);
  });
});

test('a resolver of the host is asked where it is, though that is localhost; all else there is the Pod', async () => {
  const root = join(folder, 'host-dns');
  const conf = join(folder, 'host-dns.conf');
  const log = join(folder, 'log.cjs');
  writeFileSync(conf, 'nameserver 127.0.0.1\n');
  writeFileSync(`${root}.json`, JSON.stringify({ mounts: [{ target: '/etc/resolv.conf', source: conf }] }));
  // Instead of the kernel, which has one port 53 of this address at most.
  writeFileSync(
    log,
    `const { UV_ECONNREFUSED } = process.binding('uv');
    process.binding('tcp_wrap').TCP.prototype.connect = (_, address, port) => (console.log(address, port), UV_ECONNREFUSED);
    process.binding('udp_wrap').UDP.prototype.send = (...args) => (console.log(args[4], args[3]), UV_ECONNREFUSED);`,
  );
  const code = `import net from 'node:net';
    import dgram from 'node:dgram';
    const udp = dgram.createSocket('udp4');
    for (const port of [53, 54]) net.connect(port, '127.0.0.1').on('error', () => {});
    udp.send('x', 53, '127.0.0.1', () => udp.send('x', 54, '127.0.0.1', () => udp.close()));`;
  const env = { SKIFF_ROOT: root, NODE_OPTIONS: `--require=${log} --require=${preload}` };
  assert.deepEqual((await run(code, { env })).trim().split('\n').sort(), [
    ...['127.0.0.1 53', '127.0.0.1 53', `${pod} 54`, `${pod} 54`],
  ]);
});
