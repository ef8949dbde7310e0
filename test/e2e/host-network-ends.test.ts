import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { DataFolder } from '@skiff/cluster/data-folder';
import { hostState } from '@skiff/cluster/network/host-state';
import { isOnPath } from '@skiff/cluster/network/preflight';
import { askSupervisor } from '@skiff/cluster/supervisor/control';
import type { ClusterStatus } from '@skiff/cluster/supervisor/messages';
import { markedProcesses } from '@skiff/node-agent/runtime/marked-processes';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { commandLine, descendants } from './processes.ts';
import { greet } from './requests.ts';

const skip = isOnPath('perl') ? false : 'wants perl for what refuses namespaces';
const surroundings = { user: 'ordinary', contained: true } as const;
const up = ['up', '--api-port', '0'] as const;

async function statusOf({ dataDir }: ClusterUnderTest): Promise<ClusterStatus> {
  const status = await askSupervisor(new DataFolder(dataDir).controlSocket, 'status');
  assert.ok(status, 'the supervisor answers');
  return status;
}

/** What every process of this start of the cluster has in its environment. */
function marksOf({ parts }: ClusterStatus): { SKIFF_CLUSTER: string } {
  const agent = parts.find(({ name }) => name === 'node1');
  const environment = readFileSync(`/proc/${agent?.pid}/environ`, 'utf8').split('\0');
  const mark = environment.find((setting) => setting.startsWith('SKIFF_CLUSTER='))?.split('=')[1];
  assert.ok(mark, 'the agent carries the mark of its cluster');
  return { SKIFF_CLUSTER: mark };
}

suite('a cluster on the network of its host', { skip, timeout: 120_000 }, () => {
  test('leaves nothing when it is down, or when its supervisor is killed, and comes back', async () => {
    const host = await hostState();
    await using cluster = await ClusterUnderTest.up(surroundings, '--sample');
    for (const end of ['killed', 'down'] as const) {
      await eventually(() => greet('http://127.0.0.1:30007'));
      const status = await statusOf(cluster);
      const marks = marksOf(status);
      assert.ok(markedProcesses(marks).length >= 3 + 2 + 3, 'agents, DNS and the sample');
      if (end === 'down') await cluster.skiff('down');
      else process.kill(status.pid, 'SIGKILL');
      await eventually(() => {
        const left = [...markedProcesses(marks), ...status.parts.flatMap(({ pid }) => pid ?? [])];
        assert.deepEqual(left.map(commandLine).filter(Boolean), []);
        assert.deepEqual(readdirSync(join(cluster.dataDir, 'run')), [], 'tokens and secrets are gone');
      });
      await assert.rejects(greet('http://127.0.0.1:30007'), /ECONNREFUSED/);
      assert.equal(await hostState(), host);
      const again = await cluster.skiff(...up);
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stdout, /this cluster is on this machine's network: Pods are plain processes/);
    }
  });

  test('comes back at once, though its supervisor and its keeper were killed', async () => {
    await using cluster = await ClusterUnderTest.up(surroundings, '--sample');
    const { pid } = await statusOf(cluster);
    const marks = marksOf(await statusOf(cluster));
    const keeper = descendants(pid).find((one) => commandLine(one).includes('skiff-keeper'));
    assert.ok(keeper);
    for (const killed of [pid, keeper]) process.kill(killed, 'SIGKILL');
    const again = await cluster.skiff(...up);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(markedProcesses(marks).map(commandLine), []);
    await eventually(() => greet('http://127.0.0.1:30007'));
  });

  test('shares it with another one, each with addresses and names of its own', async () => {
    await using first = await ClusterUnderTest.up(surroundings, '--nodes', '1');
    await using second = await ClusterUnderTest.up(surroundings, '--nodes', '1');
    for (const [cluster, services, pods] of [
      [first, '127.96', '127.100'],
      [second, '127.95', '127.101'],
    ] as const) {
      const { network, clusterDNS, nodes } = await statusOf(cluster);
      assert.deepEqual([network, clusterDNS, nodes[0]?.podCIDR], ['host', `${services}.0.10`, `${pods}.1.0/24`]);
      using client = cluster.client();
      const key = { namespace: 'default', name: 'asks' };
      const script = "require('dns').lookup('kubernetes', (error, address) => console.log(address ?? String(error)))";
      await client.resource('Pod').create({
        metadata: key,
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'busybox', command: ['node', '-e', script] }],
        },
      });
      await eventually(async () => assert.equal((await client.resource('Pod').get(key)).status?.phase, 'Succeeded'));
      const log = await client.stream({ method: 'GET', path: '/api/v1/namespaces/default/pods/asks/log' });
      assert.equal(String(await log.setEncoding('utf8').toArray()), `${services}.0.1\n`);
    }
  });

  test('keeps its addresses, and says so where another one uses them', async () => {
    await using early = await ClusterUnderTest.up(surroundings, '--nodes', '1');
    await early.skiff('down');
    await using late = await ClusterUnderTest.up(surroundings, '--nodes', '1');
    assert.equal((await statusOf(late)).clusterDNS, '127.96.0.10');
    const refused = await early.skiff(...up);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /use the addresses 127\.100\.0\.0\/16: another cluster of this machine uses them\. End that first/,
    );
    await late.skiff('down');
    assert.equal((await early.skiff(...up)).code, 0);
  });

  test('is not made where it is not wanted, or can not do what is wanted', async () => {
    for (const [flags, why] of [
      [['--network', 'own'], /namespaces: a seccomp filter forbids new namespaces.*--privileged/],
      [['--runtime', 'namespaces'], /namespaces: a seccomp filter forbids new namespaces/],
      [['--network', 'host', '--runtime', 'crun'], /"--runtime crun" needs a network of the cluster's own/],
      [['--network', 'host', '--proxy', 'nftables'], /"--proxy nftables" needs a network of the cluster's own/],
    ] as const) {
      await using cluster = new ClusterUnderTest(surroundings);
      const { code, stderr } = await cluster.skiff(...up, ...flags);
      assert.equal(code, 1);
      assert.match(stderr, why);
      assert.equal(stderr.trim().split('\n').length, 1, `one sentence: ${stderr}`);
      assert.equal((await cluster.skiff('status')).code, 1);
    }
  });
});
