import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@skiff/api/meta';
import type { ConfigMap } from '@skiff/api/types';
import { Client } from './client.ts';
import { Informer } from './informer.ts';
import type { Change } from './object-cache.ts';
import { eventually } from './testing/eventually.ts';
import { objectOf, ScriptedServer } from './testing/scripted-server.ts';

interface Happened {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** A small generator of its own, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

const versionOf = ({ metadata }: { metadata: { resourceVersion?: string } }): number =>
  Number(metadata.resourceVersion ?? 0);
const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };

/** What happened to a few objects: each is made, changed, deleted and made anew with another uid. */
class Past {
  readonly events: Happened[] = [];
  readonly #random: (below: number) => number;
  #version = 8;

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  get version(): number {
    return this.#version;
  }

  happen(): void {
    this.#version++;
    const name = `o${this.#random(5)}`;
    const last = this.events.findLast(({ object }) => object.metadata.name === name);
    const isThere = last !== undefined && last.type !== 'DELETED';
    const object = objectOf(name, String(this.#version));
    object.metadata.uid = (isThere && last.object.metadata.uid) || `uid-${name}-${this.#version}`;
    const type = !isThere ? 'ADDED' : this.#random(3) === 0 ? 'DELETED' : 'MODIFIED';
    this.events.push({ type, object });
  }

  /** What was there at a version. */
  at(version: number): KubeObject[] {
    const there = new Map<string, KubeObject>();
    for (const { type, object } of this.events) {
      if (versionOf(object) > version) break;
      if (type === 'DELETED') there.delete(object.metadata.name);
      else there.set(object.metadata.name, object);
    }
    return [...there.values()];
  }

  /** All after a version, those of one object in order, and otherwise in any. */
  shuffledAfter(version: number): Happened[] {
    const later = this.events.filter(({ object }) => versionOf(object) > version);
    const lanes = Map.groupBy(later, ({ object }) => object.metadata.name);
    const shuffled: Happened[] = [];
    while (lanes.size > 0) {
      const name = [...lanes.keys()][this.#random(lanes.size)] ?? '';
      const [next, ...rest] = lanes.get(name) ?? [];
      if (next) shuffled.push(next);
      if (rest.length > 0) lanes.set(name, rest);
      else lanes.delete(name);
    }
    return shuffled;
  }
}

/** Fails where an object goes back in time. */
function watchOverTime(informer: Informer<ConfigMap>): { readonly faults: string[] } {
  const faults: string[] = [];
  const newest = new Map<string, number>();
  informer.onChange(({ type, object }: Change<ConfigMap>) => {
    const { name } = object.metadata;
    const version = versionOf(object);
    if (version < (newest.get(name) ?? 0)) faults.push(`${type} ${name}@${version} after ${newest.get(name)}`);
    newest.set(name, Math.max(version, newest.get(name) ?? 0));
  });
  return { faults };
}

async function begin(t: { after(end: () => Promise<void>): void }) {
  const server = await new ScriptedServer().start();
  const client = new Client({ server: server.url });
  const end = new AbortController();
  t.after(async () => {
    end.abort();
    client.close();
    await server.stop();
  });
  const informer = new Informer(client.resource('ConfigMap'), { retry: { firstMs: 1, mostMs: 4 } });
  const { faults } = watchOverTime(informer);
  informer.start({ signal: end.signal });
  return { server, informer, faults };
}

describe('an informer that hears of things out of order', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`has the truth in the end, and never goes back in time (seed ${seed})`, async (t) => {
      const { server, informer, faults } = await begin(t);
      const random = randomFrom(seed);
      const past = new Past(random);
      let stale = 0;
      server.onList = () => {
        // Of two servers behind one address, one lags: it may list what was true some time ago.
        stale = stale < 2 && informer.hasSynced && random(2) === 0 ? stale + 1 : 0;
        const version = stale > 0 ? past.version - random(6) : past.version;
        server.resourceVersion = String(version);
        server.objects = past.at(version);
      };
      for (let round = 0; round < 30; round++) {
        const watch = await server.watch();
        const from = Number(watch.query.get('resourceVersion'));
        for (let count = random(5); count >= 0; count--) past.happen();
        const fate = random(3);
        if (fate === 0) {
          watch.send('ERROR', gone);
          continue;
        }
        // It may begin before where it was asked to: what is known by then comes again, in states that are long past.
        const begun = fate === 1 ? Math.max(0, from - random(8)) : from;
        for (const { type, object } of past.shuffledAfter(begun)) watch.send(type, object);
        watch.send('BOOKMARK', { metadata: { resourceVersion: String(past.version) } });
        watch.end();
      }
      const last = await server.watch();
      for (const { type, object } of past.shuffledAfter(Number(last.query.get('resourceVersion'))))
        last.send(type, object);
      const truth = past.at(past.version).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
      await eventually(() => {
        const known = informer.list().map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
        assert.deepEqual(known.toSorted(), truth.toSorted());
      });
      assert.deepEqual(faults, []);
    });
  }

  it('passes over the deletion of what has come back since', async (t) => {
    const { server, informer } = await begin(t);
    const watch = await server.watch();
    const anew = objectOf('a', '12', { metadata: { name: 'a', uid: 'second' } });
    watch.send('ADDED', objectOf('a', '10'));
    watch.send('ADDED', anew);
    watch.send('DELETED', objectOf('a', '11'));
    watch.send('ADDED', objectOf('b', '13'));
    await eventually(() => assert.equal(informer.list().length, 2));
    assert.equal(informer.get({ namespace: 'default', name: 'a' })?.metadata.uid, 'second');
  });

  it('asks again for a list that is older than what it knows, and takes it from a server that was put back', async (t) => {
    const { server, informer } = await begin(t);
    const watch = await server.watch();
    watch.send('ADDED', objectOf('a', '20'));
    await eventually(() => assert.equal(informer.list().length, 1));
    server.objects = [objectOf('b', '5')];
    server.resourceVersion = '6';
    watch.send('ERROR', gone);
    assert.equal((await server.watch()).query.get('resourceVersion'), '6');
    assert.equal(server.lists, 4);
    assert.deepEqual(
      informer.list().map(({ metadata }) => metadata.name),
      ['b'],
    );
  });
});
