import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { killMarked, markedProcesses } from './marked-processes.ts';

/** Starts a shell with these marks and resolves when it has said that it runs. */
async function start(script: string, env: Record<string, string>): Promise<number> {
  const child = spawn('sh', ['-c', `${script}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  await once(child.stdout, 'data');
  child.unref();
  return child.pid ?? 0;
}

test('processes are found by the marks that they were started with, and ended', async () => {
  const SKIFF_CLUSTER = randomUUID();
  const first = await start('echo; exec sleep 60', { SKIFF_CLUSTER, SKIFF_NODE: 'node1' });
  const second = await start('echo; exec sleep 60', { SKIFF_CLUSTER, SKIFF_NODE: 'node2' });
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER }).toSorted(), [first, second].toSorted());
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER, SKIFF_NODE: 'node2' }), [second]);
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER: 'another' }), []);
  assert.deepEqual(await killMarked({ SKIFF_CLUSTER, SKIFF_NODE: 'node1' }), []);
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER }), [second]);
  assert.deepEqual(await killMarked({ SKIFF_CLUSTER }), []);
  assert.deepEqual(markedProcesses({ SKIFF_CLUSTER }), []);
});

test('so are those that descend from them with another environment, and orphans that have kept it', async () => {
  const SKIFF_CLUSTER = randomUUID();
  const parent = await start('env -i sh -c "sleep 60 & echo; wait" & wait', { SKIFF_CLUSTER });
  await start('setsid sleep 60 >/dev/null & echo', { SKIFF_CLUSTER });
  try {
    // The orphan's parent may take its time to end.
    await eventually(() => assert.equal(markedProcesses({ SKIFF_CLUSTER }).length, 4));
    assert.ok(markedProcesses({ SKIFF_CLUSTER }).includes(parent));
  } finally {
    assert.deepEqual(await killMarked({ SKIFF_CLUSTER }), []);
  }
});
