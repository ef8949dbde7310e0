import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { hostPrograms, testContainerRuntime } from './contract.ts';
import { killMarked, markedProcesses, markOf } from './marked-processes.ts';
import { openProcessesRuntime } from './plain-processes.ts';

// As on any machine that is not Linux and has no /proc: the code asks ps(1) then, and a container's shim is a program of Node's. Terminals are
// left out, as other systems' script(1) has other options than this machine's.
Object.defineProperty(process, 'platform', { value: 'freebsd' });

const stateDir = mkdtempSync(join(tmpdir(), 'skiff-without-proc-'));
after(() => rmSync(stateDir, { recursive: true }));

testContainerRuntime('processes without /proc', {
  programs: hostPrograms,
  open: async () => openProcessesRuntime({ stateDir }),
  reopen: async (old) => {
    await old.close();
    return openProcessesRuntime({ stateDir });
  },
});

test('marked processes are found by ps', async () => {
  const mark = { SKIFF_TEST: randomUUID() };
  const child = spawn('sh', ['-c', 'sleep 1000 & wait'], { env: { ...process.env, ...mark } });
  await eventually(() => assert.equal(markedProcesses(mark).length, 2));
  assert.equal(markOf(child.pid ?? 0, 'SKIFF_TEST'), mark.SKIFF_TEST);
  assert.deepEqual(await killMarked(mark), []);
});
