import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../exec.ts';
import { testInsideCluster } from '../runtime/inside-cluster.ts';
import { NamespacedPodNetwork } from './namespaced-pod-network.ts';
import type { PodInterface } from './pod-network.ts';

testInsideCluster(fileURLToPath(import.meta.url), () => {
  suite('Pod networks', () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'skiff-pod-network-'));
    const options = { podCIDR: '10.244.1.0/24', stateDir, nodeGateway: '10.244.1.1' };
    const network = new NamespacedPodNetwork(options);
    let a: PodInterface;
    let b: PodInterface;

    before(async () => {
      mkdirSync('/run/netns', { recursive: true });
      execFileSync('sh', ['-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward; ip link set lo up']);
      [a, b] = await Promise.all([network.setUp('uid-a'), network.setUp('uid-b')]);
    });
    after(() => rmSync(stateDir, { recursive: true }));

    test('let a Pod reach another Pod, its node, itself and low ports', async () => {
      const program = `
        const net = require('net');
        const server = net.createServer((socket) => socket.end(socket.remoteAddress)).listen(80, '0.0.0.0', () => console.log('up'));
        setTimeout(() => {}, 60_000);`;
      const { spawn } = await import('node:child_process');
      const server = spawn('nsenter', [`--net=${b.networkNamespace}`, process.execPath, '-e', program]);
      await new Promise((resolve) => server.stdout.once('data', resolve));
      try {
        const dial = (ip: string) => `require('net').connect(80, '${ip}').pipe(process.stdout)`;
        const from = (pod: PodInterface, ip: string) =>
          run('nsenter', [`--net=${pod.networkNamespace}`, process.execPath, '-e', dial(ip)]);
        assert.equal(await from(a, b.ip), a.ip);
        assert.equal(await from(b, b.ip), b.ip);
        assert.equal(await from(b, '127.0.0.1'), '127.0.0.1');
        assert.equal(
          await run(process.execPath, ['-e', dial(b.ip)]),
          '10.244.1.1',
          'the node has its address of the Pod range',
        );
      } finally {
        server.kill('SIGKILL');
      }
    });

    test('answer a repeated set-up with what is there, also for a new agent', async () => {
      assert.deepEqual(await network.setUp('uid-a'), a);
      const successor = new NamespacedPodNetwork(options);
      assert.deepEqual(await successor.setUp('uid-b'), b);
      assert.deepEqual(await successor.list(), [a, b]);
    });

    test('finish what a killed agent left half made', async () => {
      execFileSync('ip', ['netns', 'add', 'pod-uid-half']);
      const half = await network.setUp('uid-half');
      const links = await run('nsenter', [`--net=${half.networkNamespace}`, 'ip', '-brief', 'address']);
      assert.match(links, new RegExp(`eth0@.* ${half.ip}/32`));
      await network.tearDown('uid-half');
    });

    test('are removed with link, route and namespace, and that may be repeated', async () => {
      const c = await network.setUp('uid-c');
      assert.ok((await run('ip', ['route'])).includes(c.ip));
      await network.tearDown('uid-c');
      await network.tearDown('uid-c');
      assert.equal((await run('ip', ['route'])).includes(c.ip), false);
      assert.equal(existsSync(c.networkNamespace ?? ''), false);
      assert.deepEqual(
        (await network.list()).map(({ sandboxId }) => sandboxId),
        ['uid-a', 'uid-b'],
      );
    });

    test('are remembered no longer than their namespaces exist', async () => {
      await network.setUp('uid-d');
      execFileSync('ip', ['netns', 'del', 'pod-uid-d']);
      const successor = new NamespacedPodNetwork(options);
      assert.deepEqual(
        (await successor.list()).map(({ sandboxId }) => sandboxId),
        ['uid-a', 'uid-b'],
      );
    });
  });
});
