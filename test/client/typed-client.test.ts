import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isConflict, isNotFound } from '@skiff/api/status';
import { TestServer } from '@skiff/apiserver/testing';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const web = { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template } };

describe('the typed client, against a real API server', () => {
  it('creates, reads, writes and deletes in the namespace that it is asked for', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const configMaps = client.core.configMaps('default');
    const made = await configMaps.create({ metadata: { name: 'one', labels: { a: 'b' } }, data: { key: 'value' } });
    assert.deepEqual([made.kind, made.metadata.namespace], ['ConfigMap', 'default']);
    const changed = await configMaps.update({ ...made, data: { key: 'other' } });
    assert.equal((await configMaps.get('one')).data?.['key'], 'other');
    await assert.rejects(configMaps.update({ ...made, data: {} }), isConflict);
    await configMaps.patch('one', { data: { more: 'x' } });
    const applied = await configMaps.apply(
      { metadata: { name: 'one' }, data: { mine: 'y' } },
      { fieldManager: 'test' },
    );
    assert.deepEqual(applied.data, { key: 'other', more: 'x', mine: 'y' });
    const { items } = await configMaps.list({ labelSelector: 'a=b' });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['one'],
    );
    const everywhere = await client.core.configMaps().list();
    assert.ok(everywhere.items.some(({ metadata }) => metadata.uid === changed.metadata.uid));
    await configMaps.delete('one');
    await assert.rejects(configMaps.get('one'), isNotFound);
  });

  it('reads long lists page by page', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const secrets = client.core.secrets('default');
    for (let at = 0; at < 5; at++) await secrets.create({ metadata: { name: `s${at}` } });
    const pages = await Array.fromAsync(secrets.pages({ limit: 2 }));
    assert.deepEqual(
      pages.map((page) => page.map(({ metadata }) => metadata.name)),
      [['s0', 's1'], ['s2', 's3'], ['s4']],
    );
  });

  it('knows status and scale as parts of their own', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const deployments = client.apps.deployments('default');
    const made = await deployments.create(web);
    assert.equal((await deployments.scale.get('web')).spec?.replicas, 1);
    assert.equal((await deployments.scale.set('web', 3)).spec?.replicas, 3);
    const current = await deployments.get('web');
    assert.equal(current.spec?.replicas, 3);
    await deployments.status.update({ ...current, status: { ...made.status, replicas: 2, observedGeneration: 1 } });
    await deployments.status.patch('web', { status: { readyReplicas: 1 } });
    const { status, spec } = await deployments.get('web');
    assert.deepEqual([status?.replicas, status?.readyReplicas, spec?.replicas], [2, 1, 3]);
  });

  it('watches, and keeps copies that begin as a stream', async () => {
    await using server = await TestServer.start();
    using client = new Client({ server: `unix:${server.socketPath}` });
    const services = client.core.services('default');
    const before = await services.list();
    await services.create({ metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
    for await (const { type, object } of services.watch({ resourceVersion: before.metadata.resourceVersion })) {
      assert.deepEqual([type, object.metadata.name, object.spec?.ports?.[0]?.port], ['ADDED', 'a', 80]);
      break;
    }
    const end = new AbortController();
    const informer = services.informer({ watchList: true, onError: (error) => assert.fail(String(error)) });
    informer.start({ signal: end.signal });
    await informer.synced();
    assert.ok(informer.get({ namespace: 'default', name: 'a' }));
    await services.delete('a');
    await eventually(() => assert.equal(informer.get({ namespace: 'default', name: 'a' }), undefined));
    end.abort();
  });
});
