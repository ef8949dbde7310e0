import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { differences } from './differences.ts';
import { failureText, named, recordingsMissing, replay } from './replay.ts';

const leastShare = 0.98;
const timeoutMs = 150_000;

test('exchanges recorded from kube-apiserver go as they were recorded', {
  skip: recordingsMissing,
  timeout: timeoutMs + 20_000,
}, async (context) => {
  await using cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0');
  const { total, failures } = await replay({ socket: cluster.apiSocket, timeoutMs });
  for (const failure of failures) context.diagnostic(failureText(failure));
  context.diagnostic(`${total - failures.length} of ${total} exchanges as recorded`);
  const failed = new Set(failures.map(named));
  assert.deepEqual(
    differences.map(named).filter((name) => !failed.has(name)),
    [],
    'listed as different, and are as recorded',
  );
  assert.ok((total - failures.length) / total >= leastShare, `${failures.length} of ${total} exchanges differ`);
});
