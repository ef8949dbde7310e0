import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { childrenOf } from './process-identity.ts';
import { isSameInPs, psChildren, psIdentity, psTerminal } from './ps.ts';

test('ps tells a process apart from another of its PID, and when it has ended', async () => {
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const identity = psIdentity(pid);
  assert.equal(identity?.pid, pid);
  assert.match(identity?.startTicks ?? '', /^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
  assert.ok(identity && isSameInPs(psIdentity(pid) ?? { pid: 0, startTicks: '' }, identity));
  assert.ok(!isSameInPs(identity, { pid, startTicks: 'Wed Nov 25 16:02:58 2026' }));
  assert.ok(psChildren(process.pid).includes(pid));
  assert.deepEqual(
    childrenOf(process.pid).filter((found) => found === pid),
    [pid],
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(psIdentity(pid), undefined);
  assert.equal(psIdentity(Number.NaN), undefined);
});

test('ps names the terminal of a process', async () => {
  const command = 'tty; sleep 1000';
  const child = spawn('script', ['-qfc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [text] = await once(child.stdout, 'data');
  const [inside = 0] = psChildren(child.pid ?? 0);
  assert.equal(psTerminal(inside), String(text).trim());
  child.kill('SIGKILL');
  await once(child, 'exit');
});
