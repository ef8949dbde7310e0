import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../testing.ts';

let api: TestServer;
const core = '/api/v1/namespaces/default';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
  await api.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

/** A running Pod on a node. */
async function run(name: string, app: string, { ready = true }: { ready?: boolean } = {}): Promise<void> {
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  const made = await api.send('POST', `${core}/pods`, { metadata: { name, labels: { app } }, spec });
  assert.equal(made.code, 201, made.text);
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const status = { phase: 'Running', conditions };
  assert.equal((await api.send('PATCH', `${core}/pods/${name}/status`, { status }, merge)).code, 200);
}

/** A budget as the disruption controller leaves it. */
async function budget(name: string, app: string, status: object, spec: object = {}): Promise<void> {
  const selector = { matchLabels: { app } };
  assert.equal(
    (await api.send('POST', budgets, { metadata: { name }, spec: { selector, minAvailable: 1, ...spec } })).code,
    201,
  );
  const full = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0, ...status };
  assert.equal((await api.send('PATCH', `${budgets}/${name}/status`, { status: full }, merge)).code, 200);
}

const evict = (name: string, body: object = {}): Promise<Answered> =>
  api.send('POST', `${core}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
    ...body,
  });
const isEnding = async (name: string): Promise<boolean> =>
  (await api.send('GET', `${core}/pods/${name}`)).body.metadata.deletionTimestamp !== undefined;

test('an eviction takes a disruption from the budget, until there is none left', async () => {
  await run('a1', 'a');
  await run('a2', 'a');
  await budget('a', 'a', { observedGeneration: 1, disruptionsAllowed: 1 });
  assert.equal((await evict('a1')).code, 201);
  const { status } = (await api.send('GET', `${budgets}/a`)).body;
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(status.disruptedPods), ['a1']);
  const ending = (await api.send('GET', `${core}/pods/a1`)).body;
  assert.equal(ending.status.conditions.at(-1).type, 'DisruptionTarget');
  assert.ok(ending.metadata.deletionTimestamp);

  const refused = await evict('a2');
  assert.equal(refused.code, 429);
  assert.equal(refused.body.reason, 'TooManyRequests');
  assert.deepEqual(refused.body.details.causes, [
    { reason: 'DisruptionBudget', message: 'The disruption budget a needs 1 healthy pods and has 1 currently' },
  ]);
  assert.equal(await isEnding('a2'), false);
});

test('an eviction waits for the controller to have seen the budget', async () => {
  await run('b1', 'b');
  await budget('b', 'b', { disruptionsAllowed: 5 });
  const { code, headers, body } = await evict('b1');
  assert.equal(code, 429);
  assert.equal(headers['retry-after'], '10');
  assert.match(body.details.causes[0].message, /still being processed/);
});

test('a dry run takes nothing', async () => {
  await run('c1', 'c');
  await budget('c', 'c', { observedGeneration: 1, disruptionsAllowed: 1 });
  assert.equal((await evict('c1', { deleteOptions: { dryRun: ['All'] } })).code, 201);
  assert.equal((await api.send('GET', `${budgets}/c`)).body.status.disruptionsAllowed, 1);
  assert.equal(await isEnding('c1'), false);
});

test('what no budget counts is evicted whatever the budget says', async () => {
  await run('d1', 'd', { ready: false });
  await run('d2', 'd');
  await api.send('PATCH', `${core}/pods/d2/status`, { status: { phase: 'Failed' } }, merge);
  await budget('d', 'd', { observedGeneration: 1 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  assert.equal((await evict('d1')).code, 201);
  assert.equal((await evict('d2')).code, 201);
});

test('a Pod that is not ready may go while the budget is healthy, and not otherwise', async () => {
  await run('e1', 'e', { ready: false });
  await budget('e', 'e', { observedGeneration: 1, currentHealthy: 0 });
  assert.equal((await evict('e1')).code, 429);
  await api.send('PATCH', `${budgets}/e/status`, { status: { currentHealthy: 1 } }, merge);
  assert.equal((await evict('e1')).code, 201);
});

test('two budgets for one Pod are a failure', async () => {
  await run('f1', 'f');
  await budget('f1', 'f', { observedGeneration: 1, disruptionsAllowed: 1 });
  await budget('f2', 'f', { observedGeneration: 1, disruptionsAllowed: 1 });
  const { code, body } = await evict('f1');
  assert.equal(code, 500);
  assert.match(body.message, /more than one PodDisruptionBudget/);
});
