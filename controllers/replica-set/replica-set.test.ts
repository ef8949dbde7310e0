import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod, ReplicaSet } from '@skiff/api/types';
import { claim } from '../claim.ts';
import { inDeletionOrder } from './deletion-order.ts';
import { Expectations } from './expectations.ts';
import { slowStart } from './slow-start.ts';
import { replicaSetStatus } from './status.ts';

const now = Date.parse('2026-01-01T01:00:00Z');

interface Given {
  node?: string;
  phase?: string;
  readySince?: string;
  cost?: string;
  made?: string;
  restarts?: number;
  owner?: string;
  labels?: Record<string, string>;
  ending?: boolean;
}

const pod = (name: string, given: Given = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    uid: name,
    creationTimestamp: given.made ?? '2026-01-01T00:00:00Z',
    labels: given.labels ?? { app: 'a' },
    ...(given.cost && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': given.cost } }),
    ...(given.owner && {
      ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: given.owner, controller: true }],
    }),
    ...(given.ending && { deletionTimestamp: '2026-01-01T00:30:00Z' }),
  },
  spec: { containers: [], ...(given.node && { nodeName: given.node }) },
  status: {
    phase: given.phase ?? 'Running',
    conditions: [
      {
        type: 'Ready',
        status: given.readySince ? 'True' : 'False',
        ...(given.readySince && { lastTransitionTime: given.readySince }),
      },
    ],
    containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: given.restarts ?? 0 }],
  },
});

describe('the order in which Pods are deleted', () => {
  const ready = { node: 'n1', readySince: '2026-01-01T00:00:00Z' };
  const pairs: { rule: string; first: Given; last: Given }[] = [
    { rule: 'without a node before with one', first: {}, last: { node: 'n1' } },
    { rule: 'pending before running', first: { node: 'n1', phase: 'Pending' }, last: { node: 'n1' } },
    { rule: 'unready before ready', first: { node: 'n1' }, last: ready },
    { rule: 'cheap before dear', first: { ...ready, cost: '-5' }, last: { ...ready, cost: '10' } },
    {
      rule: 'ready for a short time before ready for long',
      first: { ...ready, readySince: '2026-01-01T00:59:00Z' },
      last: ready,
    },
    { rule: 'often restarted before never', first: { ...ready, restarts: 3 }, last: ready },
    { rule: 'young before old', first: { ...ready, made: '2026-01-01T00:59:00Z' }, last: ready },
  ];
  for (const { rule, first, last } of pairs) {
    it(`is ${rule}`, () => {
      const pods = [pod('last', last), pod('first', first)];
      assert.deepEqual(
        inDeletionOrder(pods, [], now).map(({ metadata }) => metadata.name),
        ['first', 'last'],
      );
    });
  }

  it('thins out crowded nodes first', () => {
    const pods = [pod('a', { ...ready, node: 'n2' }), pod('b', ready), pod('c', ready)];
    assert.deepEqual(
      inDeletionOrder(pods, pods, now).map(({ spec }) => spec?.nodeName),
      ['n1', 'n1', 'n2'],
    );
  });
});

describe('claiming', () => {
  const selector = { matchLabels: { app: 'a' } };
  const owner = { metadata: { uid: 'me' } };
  const pods = [
    pod('orphan'),
    pod('mine', { owner: 'me' }),
    pod('strayed', { owner: 'me', labels: { app: 'b' } }),
    pod('theirs', { owner: 'them' }),
    pod('ending orphan', { ending: true }),
  ];
  const names = (list: readonly Pod[]): string[] => list.map(({ metadata }) => metadata.name);

  it('adopts orphans, releases strays, and leaves those of others alone', () => {
    const { owned, adopt, release } = claim(owner, selector, pods);
    assert.deepEqual([names(owned), names(adopt), names(release)], [['orphan', 'mine'], ['orphan'], ['strayed']]);
  });

  it('changes nothing for an owner that is being deleted', () => {
    const ending = { metadata: { uid: 'me', deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const { owned, adopt, release } = claim(ending, selector, pods);
    assert.deepEqual([names(owned), adopt, release], [['mine'], [], []]);
  });
});

describe('the status of a ReplicaSet', () => {
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'a', generation: 2 },
    spec: { selector: {}, minReadySeconds: 10, template: { metadata: { labels: { app: 'a' } } } },
  };

  it('counts Pods, and says when the next one becomes available', () => {
    const pods = [
      pod('long ready', { readySince: '2026-01-01T00:00:00Z' }),
      pod('just ready', { readySince: '2026-01-01T00:59:57Z' }),
      pod('not labelled', { labels: {} }),
      pod('ending', { ending: true }),
      pod('failed', { phase: 'Failed' }),
    ];
    assert.deepEqual(replicaSetStatus(set, pods, { now }), {
      status: {
        replicas: 3,
        fullyLabeledReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 1,
        terminatingReplicas: 1,
        observedGeneration: 2,
      },
      nextChangeMs: 7000,
    });
  });

  it('leaves out zeros but for those that Kubernetes shows', () => {
    assert.deepEqual(replicaSetStatus(set, [], { now }).status, {
      replicas: 0,
      terminatingReplicas: 0,
      observedGeneration: 2,
    });
  });
});

describe('expectations', () => {
  it('hold until everything was seen, or five minutes have passed', () => {
    let time = 0;
    const expectations = new Expectations({ now: () => time });
    assert.ok(expectations.fulfilled('a'));
    expectations.expectCreations('a', 2);
    expectations.created('a');
    assert.ok(!expectations.fulfilled('a'));
    expectations.created('a');
    assert.ok(expectations.fulfilled('a'));
    expectations.expectDeletions('a', ['u']);
    assert.ok(!expectations.fulfilled('a'));
    time = 300_001;
    assert.ok(expectations.fulfilled('a'));
  });
});

describe('a slow start', () => {
  it('doubles its batches and stops after a failure', async () => {
    let calls = 0;
    const refused = async (): Promise<void> => {
      calls++;
      if (calls > 1) throw new Error('no');
    };
    const { skipped, error } = await slowStart(10, refused);
    assert.equal(calls, 3);
    assert.equal(skipped, 7);
    assert.match(String(error), /no/);
    calls = -100;
    assert.deepEqual(await slowStart(10, refused), { skipped: 0, error: undefined });
    assert.equal(calls, -90);
  });
});
