import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificates } from './certificates/certificates.ts';
import { parseConfig } from './config.ts';
import { ApiServer } from './server.ts';
import { openStore } from './storage/sqlite-store.ts';

test('a store that is said to have the objects of the system is left as it is, and one that is not is filled', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-apiserver-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = parseConfig({ dataDir: folder, socketPath: '' });
  const certificates = makeCertificates();
  const revisions: Record<string, number> = {};
  for (const bootstrapped of [true, false]) {
    const store = openStore({ path: ':memory:' });
    await using server = new ApiServer(config, { store, certificates, bootstrapped });
    await server.start();
    revisions[String(bootstrapped)] = store.revision;
  }
  assert.equal(revisions['true'], 0);
  assert.ok(Number(revisions['false']) > 100);
});
