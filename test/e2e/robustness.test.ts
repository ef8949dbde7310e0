import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { isNotFound } from '@skiff/api/status';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { DataFolder } from '@skiff/cluster/data-folder';
import { hostState } from '@skiff/cluster/network/host-state';
import { applyManifest, untilAvailable } from '@skiff/cluster/supervisor/apply-manifest';
import { askSupervisor } from '@skiff/cluster/supervisor/control';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';
import { commandLine, descendants, isAlive, listeners } from './processes.ts';
import { greet } from './requests.ts';

const sample = join(import.meta.dirname, '..', '..', 'examples', 'quick-start.yaml');
const url = 'http://127.0.0.1:30007';
const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');

function testRobustness(title: string, surroundings: Surroundings): void {
  suite(title, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let host: string;
    let mountsBefore: string;

    const supervisor = async (): Promise<number> => {
      const status = await askSupervisor(new DataFolder(cluster.dataDir).controlSocket, 'status');
      assert.ok(status, 'the supervisor answers');
      return status.pid;
    };
    /** The process of the cluster whose command line has this text, and whose surroundings name this node, if any. */
    const find = async (text: string, node?: string): Promise<number> => {
      const own = descendants(await supervisor()).filter((pid) => {
        const command = commandLine(pid);
        if (!command.includes(text) || command.startsWith('nsenter')) return false;
        return node === undefined || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`"nodeName":"${node}"`);
      });
      assert.equal(own.length, 1, `one process is "${text}" ${node ?? ''}: ${own.map(commandLine).join('\n')}`);
      return own[0] ?? 0;
    };
    /** What must not change: which Pods there are, where, with which addresses, and how often their containers were started. */
    const pods = async (): Promise<string[]> => {
      const { items } = await client.resource('Pod').list();
      return items.flatMap(({ metadata, spec, status }) => {
        const [container] = status?.containerStatuses ?? [];
        if (metadata.deletionTimestamp) return [];
        return [metadata.uid, spec?.nodeName, status?.podIP, container?.ready, container?.restartCount].join(' ');
      });
    };
    /** The controllers, the nodes and the data plane do what they are for. */
    const works = async (replicas: number): Promise<void> => {
      const key = { namespace: 'default', name: 'my-app' };
      await eventually(() => client.resource('Deployment').patch(key, { spec: { replicas } }), { withinMs: 20_000 });
      await eventually(
        async () => {
          const { status } = await client.resource('Deployment').get(key);
          assert.equal(status?.readyReplicas, replicas);
          assert.equal(status?.replicas, replicas);
        },
        { withinMs: 30_000 },
      );
      await eventually(() => greet(url));
    };

    before(async () => {
      host = await hostState();
      mountsBefore = mounts();
      cluster = await ClusterUnderTest.up(surroundings);
      client = cluster.client();
      await untilAvailable(client, await applyManifest(client, sample));
    });

    after(async () => {
      client.close();
      await cluster[Symbol.asyncDispose]();
    });

    test('listens on loopback addresses only', async () => {
      const found = listeners(descendants(await supervisor()));
      assert.ok(found.includes('127.0.0.1:30007'), found.join(' '));
      assert.deepEqual(
        found.filter((address) => !address.startsWith('127.')),
        [],
      );
    });

    for (const [name, text, node] of [
      ['API server', 'apiserver/main.ts'],
      ['controllers', 'controllers/main.ts'],
      ['node agent', 'node-agent/main.ts', 'node2'],
    ] as const)
      test(`starts its ${name} again, while its Pods run on as they are`, async () => {
        const before = await pods();
        const pid = await find(text, node);
        process.kill(pid, 'SIGKILL');
        await eventually(async () => assert.notEqual(await find(text, node), pid), { withinMs: 20_000 });
        await eventually(async () => assert.deepEqual(await pods(), before), { withinMs: 20_000 });
        await works(4);
        await works(3);
      });

    test('loses no write that was acknowledged before its API server was killed', async () => {
      const acknowledged: string[] = [];
      const maps = client.resource('ConfigMap');
      const pid = await find('apiserver/main.ts');
      const write = async (writer: number): Promise<void> => {
        for (let i = 0; ; i += 1) {
          const name = `written-${writer}-${i}`;
          try {
            await maps.create({ metadata: { namespace: 'default', name }, data: { i: String(i) } });
          } catch {
            return;
          }
          acknowledged.push(name);
          if (acknowledged.length === 200) process.kill(pid, 'SIGKILL');
        }
      };
      await Promise.all([0, 1, 2, 3].map(write));
      assert.ok(acknowledged.length >= 200);
      const there = await eventually(
        async () => new Set((await maps.list({ namespace: 'default' })).items.map(({ metadata }) => metadata.name)),
        { withinMs: 20_000 },
      );
      assert.deepEqual(
        acknowledged.filter((name) => !there.has(name)),
        [],
      );
    });

    const hasNetwork = surroundings.contained !== true;
    if (hasNetwork)
      test('makes its network anew when that is killed, and starts its Pods again', async () => {
        const init = descendants(await supervisor()).find((pid) =>
          commandLine(pid).startsWith('sh -c eval "$SKIFF_INIT"'),
        );
        assert.ok(init);
        process.kill(init, 'SIGKILL');
        await eventually(() => assert.equal(isAlive(init), false));
        await works(4);
        await works(3);
        await eventually(
          async () => {
            for (const { status } of (await client.resource('Pod').list({ namespace: 'kube-system' })).items)
              assert.equal(status?.containerStatuses?.[0]?.ready, true);
          },
          { withinMs: 20_000 },
        );
      });

    test('ends with its supervisor, and comes back with all that it knew', async () => {
      const wanted = async (): Promise<(string | undefined)[]> => {
        const { items } = await client.resource('Pod').list();
        return items.flatMap(({ metadata }) => (metadata.deletionTimestamp ? [] : [metadata.uid])).sort();
      };
      const before = await wanted();
      const pid = await supervisor();
      const own = descendants(pid);
      process.kill(pid, 'SIGKILL');
      await eventually(() => assert.deepEqual(own.filter(isAlive).map(commandLine), []), { withinMs: 10_000 });
      await assert.rejects(greet(url), /ECONNREFUSED/);
      assert.equal(mounts(), mountsBefore);
      assert.equal(await hostState(), host);

      const again = await cluster.skiff('up', '--api-port', '0');
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(await wanted(), before);
      await works(4);
    });

    test('leaves no process, mount, listener or setting behind when it is down', async () => {
      const own = descendants(await supervisor());
      const { code } = await cluster.skiff('down');
      assert.equal(code, 0);
      assert.deepEqual(own.filter(isAlive).map(commandLine), []);
      await assert.rejects(greet(url), /ECONNREFUSED/);
      await assert.rejects(client.resource('Node').list(), (error) => !isNotFound(error));
      assert.equal(mounts(), mountsBefore);
      assert.equal(await hostState(), host);
    });
  });
}

testRobustness('a cluster whose processes are killed', { user: 'self' });
testRobustness('a cluster whose processes are killed where namespaces are refused', { user: 'self', contained: true });
