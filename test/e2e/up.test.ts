import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { ClusterUnderTest, type Outcome } from './cluster-under-test.ts';
import { greet } from './requests.ts';

const up = ['--api-port', '0'];

function refused({ code, stderr }: Outcome, why: RegExp): void {
  assert.equal(code, 1);
  assert.match(stderr, why);
  assert.equal(stderr.trim().split('\n').length, 1, `one sentence: ${stderr}`);
}

suite('skiff up', () => {
  test('makes a control plane without nodes, and says so when it is up already', async () => {
    await using cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0');
    assert.equal(statSync(cluster.kubeconfig).mode & 0o777, 0o600);
    assert.equal(statSync(cluster.apiSocket).mode & 0o777, 0o600);
    using client = cluster.client();
    assert.deepEqual((await client.resource('Node').list()).items, []);
    const again = await cluster.skiff('up', ...up);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /is up already \(https:\/\/127\.0\.0\.1:\d+\); end it with: npx skiff down/);
    assert.match((await cluster.skiff('status')).stdout, /^cluster "default" is up since /);
  });

  test('adds a context to the kubeconfig of the user, unless it is told not to, and delete removes it', async () => {
    await using cluster = new ClusterUnderTest();
    await cluster.skiff('up', ...up, '--nodes', '0', '--no-merge-kubeconfig');
    assert.equal(existsSync(cluster.userKubeconfig), false);
    await cluster.skiff('down');
    writeFileSync(cluster.userKubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: mine # keep\ncontexts: []\n');
    await cluster.skiff('up', ...up, '--nodes', '0');
    const merged = parse(readFileSync(cluster.userKubeconfig, 'utf8'));
    assert.equal(merged['current-context'], 'skiff');
    assert.deepEqual(
      merged.contexts.map(({ name }: { name: string }) => name),
      ['skiff'],
    );
    assert.equal((await cluster.skiff('delete')).code, 0);
    assert.equal(existsSync(cluster.dataDir), false);
    assert.deepEqual(parse(readFileSync(cluster.userKubeconfig, 'utf8')).contexts, []);
  });

  test('keeps state and address through down and up', async () => {
    await using cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0');
    const kubeconfig = readFileSync(cluster.kubeconfig, 'utf8');
    {
      using client = cluster.client();
      await client.resource('Namespace').create({ metadata: { name: 'kept' } });
    }
    await cluster.skiff('down');
    assert.equal((await cluster.skiff('status')).code, 1);
    assert.equal((await cluster.skiff('up', ...up, '--nodes', '0')).code, 0);
    assert.equal(readFileSync(cluster.kubeconfig, 'utf8'), kubeconfig);
    using client = cluster.client();
    assert.equal((await client.resource('Namespace').get({ name: 'kept' })).metadata.name, 'kept');
  });

  test('says which port is in use, and what to do, and leaves nothing running', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo; // a TCP server has one
    await using cluster = new ClusterUnderTest();
    refused(
      await cluster.skiff('up', '--nodes', '0', '--api-port', String(port)),
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use; end what listens there, or choose`),
    );
    assert.equal((await cluster.skiff('status')).code, 1);
    other.close();
  });

  test('says which program is missing, and leaves nothing running', async () => {
    for (const program of ['ip', 'unshare', 'nsenter']) {
      await using cluster = new ClusterUnderTest({ user: 'self', without: [program] });
      refused(
        await cluster.skiff('up', ...up, '--network', 'own'),
        new RegExp(`no program "${program}" on the PATH.*Install the package`),
      );
      assert.equal((await cluster.skiff('status')).code, 1);
    }
  });

  test('refuses a data folder that it can not use, and flags that make no sense', async () => {
    await using cluster = new ClusterUnderTest();
    writeFileSync(cluster.dataDir, 'a file');
    const { code, stderr } = await cluster.skiff('up', ...up, '--nodes', '0');
    assert.equal(code, 1);
    assert.match(stderr, /not a directory|EEXIST|ENOTDIR/);
    for (const [flag, value] of [
      ['--nodes', 'three'],
      ['--api-port', '70000'],
      ['--name', 'Upper'],
    ] as const) {
      const outcome = await cluster.skiff('up', flag, value);
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, new RegExp(`${flag} "${value}" must be`));
    }
  });

  test('starts several clusters side by side, and the second says which host port it goes without', async () => {
    await using first = new ClusterUnderTest();
    await using second = new ClusterUnderTest();
    const one = await first.skiff('up', ...up, '--name', 'first', '--nodes', '1', '--sample');
    const two = await second.skiff('up', ...up, '--name', 'second', '--nodes', '1', '--sample');
    assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
    assert.match(one.stdout, /\n {2}curl http:\/\/127\.0\.0\.1:30007\n/);
    assert.match(
      two.stdout,
      /127\.0\.0\.1:30007 is used by another program: the Service is reached inside the cluster only/,
    );
    assert.doesNotMatch(two.stdout, /curl http:\/\/127\.0\.0\.1:30007/);
    using client = first.client();
    const pods = await client.resource('Pod').list({ namespace: 'default' });
    const { pod } = await greet('http://127.0.0.1:30007');
    assert.ok(pods.items.some(({ metadata }) => metadata.name === pod));
  });

  test('names every stage with its time', async () => {
    await using cluster = new ClusterUnderTest();
    const { stdout } = await cluster.skiff('up', ...up, '--sample');
    const stages = stdout.split('\n').flatMap((line) => /^([\w ]+?) +[\d.]+ s$/.exec(line)?.[1] ?? []);
    assert.deepEqual(stages, ['API server', 'network', 'controllers', '3 nodes', 'DNS', 'sample']);
    assert.match(stdout, /is up after [\d.]+ s, 3 nodes Ready after [\d.]+ s/);
    for (const hint of [
      'curl http://127.0.0.1:30007',
      'kubectl --context skiff get nodes',
      'curl --unix-socket ',
      'npx skiff down',
    ])
      assert.ok(stdout.includes(hint), stdout);
    assert.ok(existsSync(join(cluster.dataDir, 'kubeconfig')));
  });
});
