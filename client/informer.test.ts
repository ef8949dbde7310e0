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

  it('takes the first objects from a stream, where it is asked to, and tells them when all have come', async (t) => {
    const server = await new ScriptedServer().start();
    server.watchList = true;
    const client = new Client({ server: server.url });
    const end = new AbortController();
    t.after(async () => {
      end.abort();
      client.close();
      await server.stop();
    });
    const informer = new Informer(client.resource('ConfigMap'), { watchList: true });
    const changes: string[] = [];
    informer.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
    informer.start({ signal: end.signal });
    const broken = await server.watch();
    assert.equal(broken.query.get('sendInitialEvents'), 'true');
    assert.equal(broken.query.get('resourceVersionMatch'), 'NotOlderThan');
    broken.send('ADDED', objectOf('gone', '3'));
    broken.drop();
    const whole = await server.watch();
    whole.send('ADDED', objectOf('a', '5'));
    whole.send('ADDED', objectOf('b', '6'));
    assert.deepEqual(changes, []);
    const metadata = { resourceVersion: '7', annotations: { 'k8s.io/initial-events-end': 'true' } };
    whole.send('BOOKMARK', { metadata });
    await informer.synced();
    whole.send('DELETED', objectOf('a', '8'));
    await eventually(() => assert.deepEqual(changes, ['added a', 'added b', 'deleted a']));
    whole.end();
    const next = await server.watch();
    assert.deepEqual([next.query.get('resourceVersion'), next.query.get('sendInitialEvents')], ['8', null]);
    assert.equal(server.lists, 0);
  });

  it('lists where the server knows no such stream', async (t) => {
    const errors: unknown[] = [];
    const { server, changes } = await follow(
      t,
      { watchList: true, onError: (error) => errors.push(error) },
      (prepared) => {
        prepared.objects = [objectOf('a', '5')];
      },
    );
    assert.deepEqual([changes, errors], [['added a'], []]);
    assert.equal((await server.watch()).query.has('sendInitialEvents'), false);
  });

  it('has what is true in the end, whatever becomes of its connections', async (t) => {
    // A small generator of its own, so that a failure can be repeated.
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const { server, informer } = await follow(t, { stallMs: 40, retry: { firstMs: 1, mostMs: 8 } });
    const truth = new Map<string, string>();
    const show = (): void => {
      server.objects = [...truth].map(([name, at]) => objectOf(name, at));
    };
    let version = 10;
    for (let round = 0; round < 25; round++) {
      const watch = await server.watch();
      const from = Number(watch.query.get('resourceVersion'));
      if (from < version) {
        // The history is gone: all must be listed.
        watch.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
        continue;
      }
      for (let event = 0; event <= random(4); event++) {
        const name = `o${random(6)}`;
        version++;
        const isThere = truth.has(name);
        if (isThere && random(3) === 0) truth.delete(name);
        else truth.set(name, String(version));
        const type = !truth.has(name) ? 'DELETED' : isThere ? 'MODIFIED' : 'ADDED';
        server.resourceVersion = String(version);
        show();
        // Some are lost on the way with the connection.
        if (random(4) > 0) watch.send(type, objectOf(name, String(version)));
        else break;
      }
      const fate = random(4);
      if (fate === 0) watch.drop();
      else if (fate === 1) watch.end();
      else if (fate === 2) {
        watch.write('{"type":"MODI');
        watch.drop();
      }
      // Otherwise it stalls, and is noticed.
    }
    const expected = [...truth].toSorted();
    const found = (): string[][] =>
      informer
        .list()
        .map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? ''])
        .toSorted();
    const follower = (async () => {
      for (;;) {
        const watch = await server.watch();
        if (Number(watch.query.get('resourceVersion')) < version)
          watch.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
      }
    })();
    follower.catch(() => undefined);
    await eventually(() => assert.deepEqual(found(), expected));
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
    const { server, changes } = await follow(t, { stallMs: 40, retry: { firstMs: 1, mostMs: 8 } });
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
