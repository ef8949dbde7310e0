import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answered, TestServer } from '../testing.ts';

let api: TestServer;
const path = '/api/v1/namespaces/default';

before(async () => {
  api = await TestServer.start();
  await api.send('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

/** Tries a Pod while these limits hold. */
async function underLimits(limits: object[], resources: object): Promise<Answered> {
  const made = await api.send('POST', `${path}/limitranges`, { metadata: { name: 'l' }, spec: { limits } });
  assert.equal(made.code, 201, made.text);
  const spec = { containers: [{ name: 'c', image: 'i', resources }] };
  const answer = await api.send('POST', `${path}/pods`, { metadata: { generateName: 'p-' }, spec });
  await api.send('DELETE', `${path}/limitranges/l`);
  return answer;
}

const container = (bounds: object): object[] => [{ type: 'Container', ...bounds }];

test('a container that says nothing gets the defaults, and an annotation says so', async () => {
  const limits = container({ default: { memory: '64Mi' }, defaultRequest: { cpu: '100m' } });
  const { body } = await underLimits(limits, {});
  assert.deepEqual(body.spec.containers[0].resources, {
    limits: { memory: '64Mi' },
    requests: { cpu: '100m', memory: '64Mi' },
  });
  assert.equal(
    body.metadata.annotations['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory request for container c; memory limit for container c',
  );
});

test('what a container says stands', async () => {
  const limits = container({ default: { cpu: '2' }, defaultRequest: { cpu: '1' } });
  const { body } = await underLimits(limits, { limits: { cpu: '500m' } });
  assert.deepEqual(body.spec.containers[0].resources, { limits: { cpu: '500m' }, requests: { cpu: '500m' } });
  assert.equal(body.metadata.annotations, undefined);
});

const cases: readonly (readonly [string, object[], object, RegExp | undefined])[] = [
  [
    'within bounds',
    container({ min: { cpu: '1' }, max: { cpu: '2' } }),
    { requests: { cpu: '1' }, limits: { cpu: '2' } },
    undefined,
  ],
  [
    'below the minimum',
    container({ min: { cpu: '1' } }),
    { requests: { cpu: '500m' } },
    /minimum cpu usage per Container is 1, but request is 500m/,
  ],
  [
    'above the maximum',
    container({ max: { memory: '1Gi' } }),
    { limits: { memory: '2Gi' } },
    /maximum memory usage per Container is 1Gi, but limit is 2Gi/,
  ],
  [
    'with too large a ratio',
    container({ maxLimitRequestRatio: { cpu: '2' } }),
    { requests: { cpu: '1' }, limits: { cpu: '3' } },
    /cpu max limit to request ratio per Container is 2, but provided ratio is 3/,
  ],
  [
    'that is too large as a whole',
    [{ type: 'Pod', max: { cpu: '1' } }],
    { limits: { cpu: '2' } },
    /maximum cpu usage per Pod is 1, but limit is 2/,
  ],
  ['without a limit where there is a maximum', [{ type: 'Pod', max: { cpu: '1' } }], {}, /No limit is specified/],
];
for (const [what, limits, resources, expected] of cases) {
  test(`a Pod ${what} is ${expected ? 'forbidden' : 'made'}`, async () => {
    const { code, body, text } = await underLimits(limits, resources);
    if (!expected) return assert.equal(code, 201, text);
    assert.equal(code, 403);
    assert.match(body.message, expected);
  });
}

test('claims keep to the bounds of storage', async () => {
  const limits = [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } }];
  await api.send('POST', `${path}/limitranges`, { metadata: { name: 's' }, spec: { limits } });
  const claim = (storage: string): Promise<Answered> =>
    api.send('POST', `${path}/persistentvolumeclaims`, {
      metadata: { generateName: 'c-' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
  assert.match((await claim('500Mi')).body.message, /minimum storage usage per PersistentVolumeClaim is 1Gi/);
  assert.match((await claim('3Gi')).body.message, /maximum storage usage per PersistentVolumeClaim is 2Gi/);
  assert.equal((await claim('1Gi')).code, 201);
});
