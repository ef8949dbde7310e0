import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ConfigMap } from '@skiff/api/types';
import { Client } from './client.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { eventually } from './testing/eventually.ts';
import { objectOf, ScriptedServer } from './testing/scripted-server.ts';

/** An informer of ConfigMaps at a scripted server, and the changes it told, as `added a`. */
async function follow(
  t: TestContext,
  options: InformerOptions<ConfigMap> = {},
  prepare?: (server: ScriptedServer) => void,
) {
  const server = await new ScriptedServer().start();
  prepare?.(server);
  const client = new Client({ server: server.url });
  const end = new AbortController();
  const informer = new Informer(client.resource('ConfigMap'), options);
  const changes: string[] = [];
  informer.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
  informer.start({ signal: end.signal });
  t.after(async () => {
    end.abort();
    client.close();
    await server.stop();
  });
  await informer.synced();
  return { server, informer, changes };
}

describe('an informer', () => {
  it('lists, then follows the watch from there', async (t) => {
    const { server, informer, changes } = await follow(t, {}, (server) => {
      server.objects = [objectOf('a', '5')];
      server.resourceVersion = '7';
    });
    const watch = await server.watch();
    assert.equal(watch.query.get('resourceVersion'), '7');
    assert.equal(watch.query.get('allowWatchBookmarks'), 'true');
    watch.send('ADDED', objectOf('b', '8'));
    watch.send('MODIFIED', objectOf('a', '9'));
    watch.send('DELETED', objectOf('b', '10'));
    await eventually(() => assert.deepEqual(changes, ['added a', 'added b', 'updated a', 'deleted b']));
    assert.equal(informer.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion, '9');
    assert.equal(informer.get({ namespace: 'default', name: 'a' })?.kind, 'ConfigMap');
    assert.deepEqual(informer.list('elsewhere'), []);
  });

  it('goes on where it was when the connection breaks, by bookmarks too', async (t) => {
    const { server, changes } = await follow(t);
    const first = await server.watch();
    first.send('ADDED', objectOf('a', '8'));
    first.send('BOOKMARK', { metadata: { resourceVersion: '20' } });
    await eventually(() => assert.deepEqual(changes, ['added a']));
    first.drop();
    const second = await server.watch();
    assert.equal(second.query.get('resourceVersion'), '20');
    second.end();
    assert.equal((await server.watch()).query.get('resourceVersion'), '20');
    assert.equal(server.lists, 1);
  });

  it('tells exactly what changed meanwhile when it must list again (410)', async (t) => {
    const { server, informer, changes } = await follow(t, {}, (server) => {
      server.objects = [objectOf('same', '1'), objectOf('changed', '2'), objectOf('gone', '3'), objectOf('anew', '4')];
    });
    const watch = await server.watch();
    changes.length = 0;
    const anew = objectOf('anew', '12', { metadata: { name: 'anew', uid: 'another' } });
    server.objects = [objectOf('same', '1'), objectOf('changed', '10'), objectOf('new', '11'), anew];
    server.resourceVersion = '12';
    watch.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
    assert.equal((await server.watch()).query.get('resourceVersion'), '12');
    assert.deepEqual(changes, ['deleted gone', 'updated changed', 'added new', 'deleted anew', 'added anew']);
    assert.equal(informer.list().length, 4);
    const lists = server.requests.filter(({ query }) => !query.has('watch'));
    assert.deepEqual(
      lists.map(({ query }) => query.get('resourceVersion')),
      ['0', null],
      'a relist never goes back in time',
    );
  });

  it('notices a server that says nothing any more', async (t) => {
    const { server, changes } = await follow(t, { stallMs: 40 });
    const stalled = await server.watch();
    stalled.write('{"type":"ADDED","object":{"meta');
    const next = await server.watch();
    next.send('ADDED', objectOf('a', '2'));
    await eventually(() => assert.deepEqual(changes, ['added a']));
  });

  it('puts together lines and characters that come in pieces, and takes half an event for none', async (t) => {
    const { server, informer } = await follow(t);
    const watch = await server.watch();
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: objectOf('a', '2', { data: { k: 'Schiff ⛵ Ä' } }) })}\n`,
    );
    for (const byte of line) watch.write(Buffer.from([byte]));
    await eventually(() => assert.equal(informer.get({ namespace: 'default', name: 'a' })?.data?.['k'], 'Schiff ⛵ Ä'));
    watch.write('{"type":"DELETED","object":');
    watch.end();
    assert.equal((await server.watch()).query.get('resourceVersion'), '2');
    assert.equal(informer.list().length, 1);
  });

  it('is back by itself when a server that was killed is', async (t) => {
    const { server, changes } = await follow(t);
    await server.watch();
    await server.stop();
    await server.start();
    const watch = await server.watch();
    watch.send('ADDED', objectOf('a', '2'));
    await eventually(() => assert.deepEqual(changes, ['added a']));
  });

  it('gives a handler that comes later all that is there, and stops telling when asked', async (t) => {
    const { server, informer, changes } = await follow(t, {}, (server) => {
      server.objects = [objectOf('a', '1')];
    });
    const seen: string[] = [];
    const stop = informer.onChange(({ type, object }) => seen.push(`${type} ${object.metadata.name}`));
    assert.deepEqual(seen, ['added a']);
    stop();
    (await server.watch()).send('ADDED', objectOf('b', '2'));
    await eventually(() => assert.deepEqual(changes, ['added a', 'added b']));
    assert.deepEqual(seen, ['added a']);
  });

  it('finds objects by index, through changes and deletions', async (t) => {
    const indexers = { owner: (object: ConfigMap) => (object.data?.['owner'] ? [object.data['owner']] : []) };
    const { server, informer } = await follow(t, { indexers }, (server) => {
      server.objects = [objectOf('a', '1', { data: { owner: 'x' } }), objectOf('b', '1', { data: { owner: 'x' } })];
    });
    const names = (owner: string): string[] => informer.byIndex('owner', owner).map(({ metadata }) => metadata.name);
    assert.deepEqual(names('x'), ['a', 'b']);
    const watch = await server.watch();
    watch.send('MODIFIED', objectOf('a', '2', { data: { owner: 'y' } }));
    watch.send('DELETED', objectOf('b', '3', { data: { owner: 'x' } }));
    await eventually(() => assert.deepEqual([names('x'), names('y')], [[], ['a']]));
    assert.throws(() => informer.byIndex('none', 'x'), /configmaps has no index "none"/);
  });

  it('freezes its objects where tests ask for it', async (t) => {
    const { informer } = await follow(t, { freeze: true }, (server) => {
      server.objects = [objectOf('a', '1', { data: { k: '1' } })];
    });
    const [object] = informer.list();
    assert.throws(() => Object.assign(object?.data ?? {}, { k: '2' }), TypeError);
  });
});
