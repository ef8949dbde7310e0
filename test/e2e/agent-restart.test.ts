import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';

/** The node agent below a process that leads into its node. */
function agentBelow(pid: number): number | undefined {
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  if (line.some((word) => word.endsWith('node-agent/main.ts')) && !line[0]?.endsWith('nsenter')) return pid;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.map((child) => agentBelow(Number(child))).find((found) => found !== undefined);
}

/** A node agent that is killed, and the one that comes after it. */
function testRestart(title: string, surroundings: Surroundings): void {
  describe(title, { timeout: 120_000 }, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let triggers: string;
    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings, '--nodes', '1');
      client = new Client({ server: `unix:${cluster.apiSocket}` });
      triggers = join(cluster.dataDir, '..', 'triggers');
      mkdirSync(triggers);
      chmodSync(triggers, 0o777);
    });
    after(async () => {
      client?.[Symbol.dispose]();
      await cluster?.[Symbol.asyncDispose]();
    });

    const get = (name: string): Promise<Pod> => client.resource('Pod').get({ namespace: 'default', name });
    const create = (name: string, script: string, more: object = {}, spec: object = {}): Promise<Pod> =>
      client.resource('Pod').create({
        metadata: { namespace: 'default', name },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'busybox',
              command: ['sh', '-c', script],
              volumeMounts: [{ name: 'triggers', mountPath: '/triggers' }],
              ...more,
            },
          ],
          volumes: [{ name: 'triggers', hostPath: { path: triggers } }],
          ...spec,
        },
      });
    const agent = async (): Promise<number> => {
      const { stdout } = await cluster.skiff('status');
      const found = agentBelow(Number(/^node1 +pid (\d+)/m.exec(stdout)?.[1]));
      assert.ok(found, stdout);
      return found;
    };

    test('its Pods run on, the next one takes them over, and what ended meanwhile is told as it was', async () => {
      const until = (name: string): string => `while [ ! -e /triggers/${name} ]; do sleep 0.02; done`;
      await create('ticks', 'while :; do echo tick; sleep 0.1; done', {
        readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
      });
      await create('shell', 'while read -r line; do echo "got $line"; done', { stdin: true, tty: true });
      await create(
        'fails',
        `${until('go')}; echo bye; echo last >/dev/termination-log; exit 7`,
        {},
        { restartPolicy: 'Never' },
      );
      await create('again', `test -e /triggers/go && sleep 1000; ${until('go')}; exit 8`);
      const names = ['ticks', 'shell', 'fails', 'again'];
      for (const name of names)
        await eventually(async () => assert.equal((await get(name)).status?.containerStatuses?.[0]?.ready, true), {
          withinMs: 20_000,
        });
      const before = (await get('ticks')).status;
      const killed = await agent();
      process.kill(killed, 'SIGKILL');
      writeFileSync(join(triggers, 'go'), '');
      await eventually(async () => assert.notEqual(await agent(), killed), { withinMs: 20_000 });

      await eventually(
        async () => {
          const [status] = (await get('fails')).status?.containerStatuses ?? [];
          assert.deepEqual([status?.state?.terminated?.exitCode, status?.state?.terminated?.message], [7, 'last\n']);
        },
        { withinMs: 20_000 },
      );
      await eventually(
        async () => {
          const [status] = (await get('again')).status?.containerStatuses ?? [];
          assert.deepEqual([status?.restartCount, status?.lastState?.terminated?.exitCode], [1, 8]);
        },
        { withinMs: 20_000 },
      );
      const { status } = await get('ticks');
      assert.deepEqual(status?.containerStatuses, before?.containerStatuses);
      assert.deepEqual(status?.conditions, before?.conditions);
      assert.equal(status?.podIP, before?.podIP);
      const lines = (await cluster.kubectl('logs', 'ticks')).split('\n').length;
      await eventually(async () => assert.ok((await cluster.kubectl('logs', 'ticks')).split('\n').length > lines + 3));
      assert.match(await cluster.kubectl('logs', 'fails'), /^bye\n$/);
      assert.equal(await cluster.kubectl('exec', 'ticks', '--', 'echo', 'hello'), 'hello\n');
      const attached = await cluster.run('sh', [
        '-c',
        `(echo words; sleep 1) | timeout 5 kubectl --kubeconfig ${cluster.kubeconfig} attach -i shell`,
      ]);
      assert.match(attached.stdout, /got words/);
      await cluster.kubectl('delete', 'pod', ...names, '--now');
    });
  });
}

testRestart('an agent that is killed, with crun', { user: 'self' });
testRestart('an agent of an ordinary user that is killed, with namespaces alone', {
  user: 'ordinary',
  without: ['crun'],
});
testRestart('an agent that is killed where namespaces are refused', { user: 'ordinary', contained: true });
