import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { dockerSave, programsLayer, writeOciLayout } from '@skiff/node-agent/images/testing';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';

type Spec = NonNullable<Pod['spec']>;

/** Images that a user loads, on two nodes. */
function testImages(title: string, surroundings: Surroundings & { readonly withCrun: boolean }): void {
  describe(title, { timeout: 120_000 }, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings, '--nodes', '2', '--image-fallback', 'none');
      client = new Client({ server: `unix:${cluster.apiSocket}` });
    });
    after(async () => {
      client?.[Symbol.dispose]();
      await cluster?.[Symbol.asyncDispose]();
    });

    const create = (name: string, spec: Spec): Promise<Pod> =>
      client.resource('Pod').create({ metadata: { namespace: 'default', name }, spec });
    const state = async (name: string) =>
      (await client.resource('Pod').get({ namespace: 'default', name })).status?.containerStatuses?.[0];
    const script = 'read -r line <data/text; echo "$line $MODE $1"; pwd; id -u; id -g; echo new >/data/new; sleep 1000';
    const made = {
      names: ['app:1'],
      layers: [
        [...programsLayer(['/bin/sh', '/usr/bin/id', '/usr/bin/sleep']), { name: 'data/text', body: 'lower\n' }],
        [
          { name: 'data/text', body: 'upper\n' },
          { name: 'etc/passwd', body: 'web:x:101:102::/:/bin/sh\n' },
        ],
      ],
      config: {
        Entrypoint: ['/bin/sh', '-c', script, 'app'],
        Cmd: ['cmd'],
        Env: ['PATH=/usr/bin:/bin', 'MODE=fast'],
        WorkingDir: '/data/..',
      },
    };

    test('what docker save wrote and an OCI layout are loaded, listed and removed', async () => {
      const folder = join(cluster.dataDir, '..', 'made');
      mkdirSync(join(folder, 'layout'), { recursive: true });
      writeFileSync(join(folder, 'app.tar'), dockerSave(made));
      writeOciLayout(join(folder, 'layout'), {
        ...made,
        names: ['registry.example/web:2'],
        config: { ...made.config, User: 'web' },
      });
      const { stdout, stderr, code } = await cluster.skiff(
        'image',
        'load',
        join(folder, 'app.tar'),
        join(folder, 'layout'),
      );
      assert.deepEqual([code, stderr], [0, '']);
      assert.equal(stdout, 'loaded docker.io/library/app:1\nloaded registry.example/web:2\n');
      const listed = (await cluster.skiff('image', 'ls')).stdout;
      assert.match(listed, /^NAME +IMAGE ID +SIZE +LOADED\ndocker.io\/library\/app:1 +[0-9a-f]{12} +[\d.]+ MB +\d{4}-/);
      writeFileSync(join(folder, 'cut.tar'), dockerSave(made).subarray(0, 10_000));
      const cut = await cluster.skiff('image', 'load', join(folder, 'cut.tar'));
      assert.deepEqual([cut.code, cut.stdout], [1, '']);
      assert.match(cut.stderr, /cut.tar: the archive is cut off/);
      assert.equal((await cluster.skiff('image', 'rm', 'nothing')).code, 1);
    });

    const ignore = (): undefined => undefined;
    const withCrun = surroundings.withCrun ? test : ignore;
    const withoutCrun = surroundings.withCrun ? ignore : test;

    withCrun('a Pod runs from a loaded image on every node, as its configuration says', async () => {
      for (const node of ['node1', 'node2']) {
        const nodeSelector = { 'kubernetes.io/hostname': node };
        await create(`app-${node}`, { nodeSelector, containers: [{ name: 'main', image: 'app:1', args: [node] }] });
        await eventually(
          async () => assert.equal(await cluster.kubectl('logs', `app-${node}`), `upper fast ${node}\n/\n0\n0\n`),
          { withinMs: 20_000 },
        );
        assert.match((await state(`app-${node}`))?.imageID ?? '', /^sha256:/);
      }
    });

    withCrun('the user that an image names is its own, where there are such ids, and told where not', async () => {
      await create('web', {
        containers: [
          { name: 'main', image: 'registry.example/web:2', command: ['/bin/sh', '-c', 'id -u; id -g; sleep 1000'] },
        ],
      });
      let said = '';
      await eventually(
        async () => {
          said = await cluster.kubectl('logs', 'web');
          assert.match(said, /^\d+\n\d+\n$/);
        },
        { withinMs: 20_000 },
      );
      if (said !== '101\n102\n') {
        assert.equal(said, '0\n0\n');
        await eventually(async () => assert.match(await cluster.kubectl('get', 'events'), /ImageUser .*user 101/));
      }
    });

    withoutCrun('where layers can not be mounted, an Event says what is missing', async () => {
      await create('app', { containers: [{ name: 'main', image: 'app:1' }] });
      await eventually(async () => assert.match((await state('app'))?.state?.waiting?.message ?? '', /need crun/), {
        withinMs: 20_000,
      });
    });

    test("without the fallback, the host's programs stand in for no image", async () => {
      await create('host', { containers: [{ name: 'main', image: 'busybox', command: ['true'] }] });
      await eventually(
        async () => {
          const { reason, message } = (await state('host'))?.state?.waiting ?? {};
          assert.match(reason ?? '', /^(ErrImagePull|ImagePullBackOff)$/);
          assert.match(message ?? '', /skiff image load FILE/);
        },
        { withinMs: 20_000 },
      );
      if (surroundings.withCrun) {
        const { code, stderr } = await cluster.skiff('image', 'rm', 'app:1');
        assert.equal(code, 1);
        assert.match(stderr, /is used by pod default\/app-node[12]; delete that first/);
        await cluster.kubectl('delete', 'pod', 'app-node1', 'app-node2', '--now');
      }
      const { code, stderr } = await cluster.skiff('image', 'rm', 'app:1');
      assert.equal(code, 0, stderr);
      assert.doesNotMatch((await cluster.skiff('image', 'ls')).stdout, /app:1/);
    });
  });
}

testImages('images, with crun', { user: 'self', withCrun: true });
testImages('images of an ordinary user, with crun', { user: 'ordinary', withCrun: true });
testImages('images, with namespaces alone', { user: 'self', without: ['crun'], withCrun: false });
