import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { markedProcesses } from '@skiff/node-agent/runtime/marked-processes';
import { Keeper } from './keeper.ts';

/** Starts a process of the cluster that has left its parents. */
async function leave(cluster: string): Promise<void> {
  const script = 'setsid sleep 60 >/dev/null 2>&1 & echo';
  const child = spawn('sh', ['-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SKIFF_CLUSTER: cluster },
  });
  await once(child, 'exit');
  await eventually(() => assert.equal(markedProcesses({ SKIFF_CLUSTER: cluster }).length, 1));
}

function stateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-keeper-'));
  writeFileSync(join(folder, 'token'), 'secret');
  return folder;
}

test('a keeper ends what is marked as the cluster’s when it is closed, and removes what it kept', async () => {
  const cluster = randomUUID();
  const folder = stateDir();
  const keeper = new Keeper({ cluster, stateDir: folder });
  keeper.start();
  await leave(cluster);
  await keeper.close();
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER: cluster }), []);
  assert.equal(existsSync(folder), false);
  await keeper.close();
});

test('a keeper does so when its parent is killed', async () => {
  const cluster = randomUUID();
  const folder = stateDir();
  const program = `import { Keeper } from ${JSON.stringify(import.meta.resolve('./keeper.ts'))};
    new Keeper(${JSON.stringify({ cluster, stateDir: folder })}).start();
    console.log('kept');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(parent.stdout, 'data');
  await leave(cluster);
  parent.kill('SIGKILL');
  await eventually(() => assert.deepEqual(markedProcesses({ SKIFF_CLUSTER: cluster }), []));
  await eventually(() => assert.equal(existsSync(folder), false));
});

test('a keeper that is killed itself has a successor', async () => {
  const cluster = randomUUID();
  const folder = stateDir();
  const keeper = new Keeper({ cluster, stateDir: folder });
  keeper.start();
  const first = keeper.pid;
  assert.ok(first);
  process.kill(first, 'SIGKILL');
  await eventually(() => assert.ok(keeper.pid !== first && keeper.pid !== undefined));
  await leave(cluster);
  await keeper.close();
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER: cluster }), []);
});
