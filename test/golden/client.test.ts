import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { type Flow, Relay } from './relay.ts';
import { failureText, recordingsMissing, replay } from './replay.ts';

/** All but the cases that wait for controllers: what those do is no matter of the client's, and takes half of the time. */
const only = '^(?!.*-controller|job-|replicaset-|delete-propagation|serviceaccount-|statefulset-)';

const flows: readonly Flow[] = [
  'get',
  'list',
  'watch',
  'metadata',
  'create',
  'update',
  'patch',
  'delete',
  'deleteCollection',
  'subresource',
  'events',
  'request',
];
const failureCodes = [400, 404, 405, 409, 415, 422, 500, 504];
const leastShare = 0.99;

test('the client library runs the flows that were recorded, and gets the answers that were', {
  skip: recordingsMissing,
}, async (context) => {
  await using cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0');
  const socket = join(cluster.dataDir, 'relay.sock');
  await using relay = await Relay.start({ socket, server: `unix:${cluster.apiSocket}` });
  const { total, failures } = await replay({ socket, only, timeoutMs: 120_000 });
  for (const failure of failures) context.diagnostic(failureText(failure));
  context.diagnostic(`${total - failures.length} of ${total} exchanges as recorded`);
  context.diagnostic([...relay.used].map(([flow, times]) => `${flow} ${times}`).join(', '));
  for (const flow of flows) assert.ok(relay.used.has(flow), `no case asked for ${flow}`);
  for (const code of failureCodes) assert.ok(relay.failures.has(code), `no case failed with ${code}`);
  // What the recordings themselves leave to chance, as the order of managers of one second, is not the client's.
  assert.ok((total - failures.length) / total >= leastShare, `${failures.length} of ${total} exchanges differ`);
});
