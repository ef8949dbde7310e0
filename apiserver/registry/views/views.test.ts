import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../../testing.ts';

let api: TestServer;
const core = '/api/v1/namespaces/default/events';
const events = '/apis/events.k8s.io/v1/namespaces/default/events';
const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers';
const v2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const merge = { 'content-type': 'application/merge-patch+json' };
const regarding = { kind: 'Pod', name: 'p', namespace: 'default' };
const modern = {
  regarding,
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'e.com/c',
  reportingInstance: 'i',
  action: 'A',
  reason: 'R',
  type: 'Normal',
  note: 'n',
};

before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

test('an Event is one object in both groups', async () => {
  const made = await api.send('POST', events, { metadata: { name: 'a' }, ...modern });
  assert.equal(made.code, 201);
  const { body } = await api.send('GET', `${core}/a`);
  assert.deepEqual([body.involvedObject, body.message, body.reportingComponent], [regarding, 'n', 'e.com/c']);
  assert.equal(body.metadata.resourceVersion, made.body.metadata.resourceVersion);

  const changed = await api.send('PATCH', `${events}/a`, { metadata: { labels: { l: 'v' } } }, merge);
  assert.equal(changed.code, 200);
  assert.equal((await api.send('GET', `${core}/a`)).body.metadata.labels.l, 'v');
  assert.equal((await api.send('DELETE', `${core}/a`)).code, 200);
  const gone = await api.send('GET', `${events}/a`);
  assert.deepEqual(gone.body.details, { name: 'a', kind: 'events' });
});

test('a watch of the other group sees what is written in the first', async () => {
  const from = (await api.send('GET', events)).body.metadata.resourceVersion;
  const watched = api.watch(`${events}?watch=1&resourceVersion=${from}`, 1);
  await api.send('POST', core, { metadata: { name: 'b' }, involvedObject: regarding, message: 'm', reason: 'R' });
  const [event] = await watched;
  assert.deepEqual([event.type, event.object.apiVersion, event.object.note], ['ADDED', 'events.k8s.io/v1', 'm']);
});

test('each group selects in its own terms', async () => {
  const found = (await api.send('GET', `${events}?fieldSelector=regarding.name%3Dp`)).body.items;
  assert.ok(found.length > 0);
  assert.equal((await api.send('GET', `${events}?fieldSelector=involvedObject.name%3Dp`)).code, 400);
  assert.equal((await api.send('GET', `${core}?fieldSelector=regarding.name%3Dp`)).code, 400);
});

test('Events of events.k8s.io change in their series alone', async () => {
  await api.send('POST', events, { metadata: { name: 'c' }, ...modern });
  const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };
  assert.equal((await api.send('PATCH', `${events}/c`, { series }, merge)).code, 200);
  const refused = await api.send('PATCH', `${events}/c`, { reason: 'X', series: { count: 1 } }, merge);
  const fields = refused.body.details.causes.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields, ['series.count', 'reason']);
});

test('new Events of events.k8s.io leave the fields of old alone', async () => {
  const old = {
    deprecatedCount: 1,
    deprecatedSource: { component: 'c' },
    deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
  };
  const { body } = await api.send('POST', events, { metadata: { name: 'd' }, ...modern, ...old });
  const fields = body.details.causes.map(({ field }: { field: string }) => field);
  assert.deepEqual(fields, ['firstTimestamp', 'count', 'source']);
});

test('the table of Events is the same in both groups', async () => {
  const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const rows = async (path: string): Promise<unknown[]> =>
    (await api.send('GET', path, undefined, accept)).body.rows.map(({ cells }: { cells: unknown[] }) => cells);
  assert.deepEqual(await rows(events), await rows(core));
});

test('an autoscaler of v1 is one of v2 that looks at the CPU', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const spec = { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 70 };
  assert.equal((await api.send('POST', v1, { metadata: { name: 'a' }, spec })).code, 201);
  const { metrics, minReplicas } = (await api.send('GET', `${v2}/a`)).body.spec;
  const target = { type: 'Utilization', averageUtilization: 70 };
  assert.deepEqual(metrics, [{ type: 'Resource', resource: { name: 'cpu', target } }]);
  assert.equal(minReplicas, 1);
});

test('what v1 has no fields for survives a write through it', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  };
  const spec = {
    scaleTargetRef,
    maxReplicas: 3,
    metrics: [memory],
    behavior: { scaleDown: { selectPolicy: 'Disabled' } },
  };
  const made = await api.send('POST', v2, { metadata: { name: 'b' }, spec });
  assert.equal(made.code, 201, made.text);
  const changed = await api.send('PATCH', `${v1}/b`, { spec: { maxReplicas: 5 } }, merge);
  assert.equal(changed.body.spec.maxReplicas, 5);
  const { body } = await api.send('GET', `${v2}/b`);
  assert.deepEqual(body.spec.metrics, [memory]);
  assert.equal(body.spec.behavior.scaleDown.selectPolicy, 'Disabled');
  assert.equal(body.metadata.annotations, undefined);
});
