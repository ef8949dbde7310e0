import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { storeContract } from './contract.ts';
import { DataFolderInUse, openDatabase } from './database.ts';
import { openStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'skiff-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newPath = (): string => join(folder, `${files++}.db`);
const paths = new WeakMap<Store, string>();

const openImage = (image: Uint8Array): Store => openStore({ path: ':memory:', image });

storeContract('SQLite in a file', {
  open: (history) => {
    const path = newPath();
    const store = openStore({ path, ...(history && { history }) });
    paths.set(store, path);
    return store;
  },
  reopen: async (store) => {
    await store.close();
    return openStore({ path: paths.get(store) ?? '' });
  },
  openImage,
});

storeContract('SQLite in memory', {
  open: (history) => openStore({ path: ':memory:', ...(history && { history }) }),
  openImage,
});

/** A process that opens the store, says so, and writes on and on, naming each acknowledged revision. */
const writer = `
  import { openStore } from ${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)};
  const store = openStore({ path: process.argv[1] });
  console.log(0);
  for (let i = 0; ; i += 4) {
    const writes = [0, 1, 2, 3].map((j) => store.create('k/' + (i + j), '{}'));
    for (const { revision } of await Promise.all(writes)) console.log(revision);
  }
`;

test('kill -9 in the middle of writes loses none that was acknowledged, and frees the data folder', async () => {
  const path = newPath();
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === '0') assert.throws(() => openStore({ path }), DataFolderInUse);
    acknowledged = Number(line);
    if (acknowledged > 100 && !child.killed) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const store = openStore({ path });
  assert.ok(store.revision >= acknowledged, `${store.revision} of ${acknowledged} acknowledged revisions are there`);
  assert.equal(store.list('k/').entries.length, store.revision);
  await store.close();
});

test('a data folder in use is refused in one sentence that names it', async () => {
  const path = newPath();
  const store = openStore({ path });
  assert.throws(() => openStore({ path }), { name: 'DataFolderInUse', message: new RegExp(`"${path}" is in use`) });
  await store.close();
  await openStore({ path }).close();
});

test('a database of a newer format is refused, not misread', async () => {
  const path = newPath();
  const newer = openDatabase(path, { version: 99, sql: 'create table log (other)' });
  newer.close();
  assert.throws(() => openStore({ path }), /made by a newer Skiff \(format 99/);
});

test('history keeps no write that is older than its age', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const store = openStore({ path: ':memory:', history: { age: 60_000 } });
  await store.create('a', '{}');
  await store.update('a', 1, '{}');
  context.mock.timers.tick(50_000);
  await store.update('a', 2, '{}');
  context.mock.timers.tick(40_000);
  assert.throws(() => store.list('', { at: 1 }), { name: 'Compacted' });
  assert.deepEqual(
    store.changes('', { after: 2 }).map((change) => change.revision),
    [3],
  );
  await store.close();
});
