import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LAN_ADDRESS, nodeAddress } from './addresses.ts';
import { ClusterNetwork } from './cluster-network.ts';
import { hostState } from './host-state.ts';
import { listenInside } from './listen-inside.ts';

const execute = promisify(execFile);
const here = fileURLToPath(import.meta.url);

suite('the cluster network', () => {
  let network: ClusterNetwork;
  let hostBefore: string;

  before(async () => {
    hostBefore = await hostState();
    network = await ClusterNetwork.start({ nodes: 3 });
  });

  after(async () => {
    const { initPid } = network.entrance;
    await network.close();
    assert.equal(existsSync(`/proc/${initPid}`), false, 'the first process is gone');
    assert.equal(await hostState(), hostBefore, "the host's network is as it was");
  });

  test("leaves the host's links, addresses, routes, rules and settings as they are", async () => {
    assert.equal(await hostState(), hostBefore);
  });

  test('gives every node its address and a way to the Pods of the others', async () => {
    assert.deepEqual(await routes('node2'), [
      '10.244.1.0/24 via 172.18.0.2 dev eth0',
      '10.244.3.0/24 via 172.18.0.4 dev eth0',
      '172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.3',
      'default via 172.18.0.1 dev eth0',
      'unreachable 10.244.2.0/24',
    ]);
    assert.equal((await inside(['cat', '/proc/sys/net/ipv4/ip_forward'], 'node2')).trim(), '1');
  });

  test('gives the LAN a way to all Pods', async () => {
    assert.deepEqual(await routes(), [
      '10.244.1.0/24 via 172.18.0.2 dev lan0',
      '10.244.2.0/24 via 172.18.0.3 dev lan0',
      '10.244.3.0/24 via 172.18.0.4 dev lan0',
      '172.18.0.0/16 dev lan0 proto kernel scope link src 172.18.0.1',
    ]);
  });

  test('carries a connection from a node to a socket that was opened in the LAN and is served on the host', async () => {
    const [handle] = await listenInside(network, {
      addresses: [{ protocol: 'TCP', address: LAN_ADDRESS, port: 6443 }],
    });
    assert.ok(handle);
    const server = net.createServer((socket) => socket.end(`hello ${socket.remoteAddress}`));
    server.listen(handle);
    try {
      const answer = await inside([process.execPath, '-e', dial(LAN_ADDRESS, 6443)], 'node1');
      assert.equal(answer.trim(), `hello ${nodeAddress(1)}`);
    } finally {
      server.close();
    }
  });

  test('says which address it could not open', async () => {
    await assert.rejects(
      listenInside(network, { addresses: [{ protocol: 'TCP', address: '203.0.113.1', port: 80 }] }),
      /cannot listen on 203\.0\.113\.1:80 inside the cluster's network: BindError: .*EADDRNOTAVAIL/,
    );
  });

  test('adds and removes a node', async () => {
    await network.addNode(9);
    assert.ok((await routes('node1')).includes('10.244.9.0/24 via 172.18.0.10 dev eth0'));
    assert.ok((await routes('node9')).includes('10.244.1.0/24 via 172.18.0.2 dev eth0'));
    await network.removeNode(9);
    assert.ok(!(await routes('node1')).some((route) => route.includes('10.244.9.0')));
    assert.ok(!(await routes()).some((route) => route.includes('10.244.9.0')));
    assert.ok(!(await inside(['ip', 'netns'])).includes('node9'));
  });

  test('reaps the orphans of its processes', async () => {
    await inside(['sh', '-c', 'sh -c "sleep 0.05 & exit" & exit']);
    const { initPid } = network.entrance;
    const children = `/proc/${initPid}/task/${initPid}/children`;
    const deadline = Date.now() + 3000;
    const count = () => readFileSync(children, 'utf8').trim().split(/\s+/).length;
    while (count() > 1 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(count(), 1, 'only its own reader is left');
  });

  test('ends a command with the process that was started to enter', async () => {
    const [command = '', ...args] = network.enter(['sh', '-c', 'echo $$; exec sleep 1000'], { node: 'node1' });
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const deadline = Date.now() + 3000;
    const state = async () =>
      (await inside(['sh', '-c', `cat /proc/${String(pid).trim()}/cmdline 2>/dev/null | tr '\\0' ' '`])).trim();
    while ((await state()) !== '' && Date.now() < deadline);
    assert.equal(await state(), '', 'no such process, or a zombie, which is for the host to reap');
  });

  test('ends with the process that started it, also when that is killed', async () => {
    const program = `
      import { ClusterNetwork } from ${JSON.stringify(import.meta.resolve('./cluster-network.ts'))};
      const network = await ClusterNetwork.start({ nodes: 1 });
      console.log(network.entrance.initPid);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = await once(child.stdout, 'data');
    const init = `/proc/${String(pid).trim()}`;
    assert.ok(existsSync(init));
    child.kill('SIGKILL');
    const deadline = Date.now() + 3000;
    while (existsSync(init) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(existsSync(init), false);
  });

  test('ends when its signal is aborted', async () => {
    const abort = new AbortController();
    const other = await ClusterNetwork.start({ nodes: 0, signal: abort.signal });
    abort.abort();
    await other.ended;
  });

  async function inside(command: string[], node?: string): Promise<string> {
    const [program = '', ...args] = network.enter(command, node === undefined ? {} : { node });
    return (await execute(program, args)).stdout;
  }

  async function routes(node?: string): Promise<string[]> {
    return (await inside(['ip', 'route'], node))
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .sort();
  }
});

test('the cluster network works for an ordinary user as it does for root', {
  skip: process.getuid?.() !== 0,
}, async () => {
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const child = spawn(process.execPath, ['--test-reporter=tap', here], { uid: 65534, gid: 65534, cwd: '/', env });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, output);
});

/** A program that prints what a TCP server says. */
function dial(address: string, port: number): string {
  return `require('net').connect(${port}, '${address}').pipe(process.stdout)`;
}

/** What a cluster must never change. */
