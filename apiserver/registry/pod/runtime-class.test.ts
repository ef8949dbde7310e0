import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../../testing.ts';

let api: TestServer;
const pods = '/api/v1/namespaces/default/pods';
const toleration = { key: 'k', operator: 'Exists' };

before(async () => {
  api = await TestServer.start();
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  await api.send('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
    metadata: { name: 'boxed' },
    handler: 'box',
    overhead: { podFixed: { cpu: '0.25' } },
    scheduling: { nodeSelector: { box: 'yes' }, tolerations: [toleration] },
  });
});
after(() => api[Symbol.asyncDispose]());

const create = (name: string, spec: object) =>
  api.send('POST', pods, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });

test('a Pod gets the overhead, the nodes and the tolerations of its runtime class', async () => {
  const { body } = await create('boxed', {
    runtimeClassName: 'boxed',
    overhead: { cpu: '250m' },
    nodeSelector: { a: 'b' },
    tolerations: [{ ...toleration, key: 'own' }],
  });
  const { overhead, nodeSelector, tolerations } = body.spec;
  assert.deepEqual([overhead, nodeSelector], [{ cpu: '250m' }, { a: 'b', box: 'yes' }]);
  assert.deepEqual([tolerations[0].key, tolerations.at(-1)], ['own', toleration]);
});

const refused: Record<string, { spec: object; why: string }> = {
  'a runtime class that is not there': {
    spec: { runtimeClassName: 'none' },
    why: 'pod rejected: RuntimeClass "none" not found',
  },
  'another overhead than its class has': {
    spec: { runtimeClassName: 'boxed', overhead: { cpu: '1' } },
    why: "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  },
  'an overhead without a class': {
    spec: { overhead: { cpu: '1' } },
    why: 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  },
  'other nodes than its class has': {
    spec: { runtimeClassName: 'boxed', nodeSelector: { box: 'no' } },
    why: 'conflict: runtimeClass.scheduling.nodeSelector[box] = yes; pod.spec.nodeSelector[box] = no',
  },
};
for (const [what, { spec, why }] of Object.entries(refused)) {
  test(`a Pod with ${what} is refused with 403`, async () => {
    const { code, body } = await create('refused', spec);
    assert.deepEqual([code, body.reason, body.message], [403, 'Forbidden', `pods "refused" is forbidden: ${why}`]);
  });
}
