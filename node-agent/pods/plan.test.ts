import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { historyOf } from './container-history.ts';
import { planPod, restarts } from './plan.ts';
import type { Container, NodePod, PodSpec } from './types.ts';

const podWith = (spec: Partial<PodSpec>): NodePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'main' }], ...spec },
});

/** `i=0` has ended with 0, `main=run` runs. */
const lives = (words: string): ContainerStatus[] =>
  words
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [name = '', how] = word.split('=');
      const common = { id: `u1/${name}/0`, sandboxId: 'u1', name, attempt: 0, imageId: '', createdAt: '' };
      return how === 'run' ? { ...common, state: 'running' } : { ...common, state: 'exited', exitCode: Number(how) };
    });

/** `start a,b; stop c; finished` */
function planned(pod: NodePod, words: string, options: { unstarted?: string } = {}): string {
  const plan = planPod(pod, historyOf(lives(words)), (name) => name !== options.unstarted);
  const start = plan.start.map(({ name }) => name).join(',');
  const stop = plan.stop.map(({ name }) => name).join(',');
  return [start && `start ${start}`, stop && `stop ${stop}`, plan.finished && 'finished'].filter(Boolean).join('; ');
}

const sidecar: Container = { name: 'side', restartPolicy: 'Always' };

test('init containers run one after the other, before the others', () => {
  const pod = podWith({ initContainers: [{ name: 'i' }, { name: 'j' }], restartPolicy: 'OnFailure' });
  const cases = { '': 'start i', 'i=run': '', 'i=0': 'start j', 'i=1': 'start i', 'i=0 j=0': 'start main' };
  for (const [words, plan] of Object.entries(cases)) assert.equal(planned(pod, words), plan, words);
  assert.equal(planned({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } }, 'i=1'), 'finished');
});

test('sidecars start in their turn, are waited for until they have started, and end with the others', () => {
  const pod = podWith({ initContainers: [{ name: 'i' }, sidecar, { name: 'j' }], restartPolicy: 'Never' });
  const cases = {
    'i=0': 'start side',
    'i=0 side=run': 'start j',
    'i=0 side=run j=0': 'start main',
    'i=0 side=1 j=0 main=run': 'start side',
    'i=0 side=run j=0 main=0': 'stop side',
    'i=0 side=0 j=0 main=0': 'finished',
  };
  for (const [words, plan] of Object.entries(cases)) assert.equal(planned(pod, words), plan, words);
  assert.equal(planned(pod, 'i=0 side=run', { unstarted: 'side' }), '');
});

test('containers are restarted as the policy of the Pod says', () => {
  const cases: [policy: string, code: number, restarted: boolean][] = [
    ['Always', 0, true],
    ['Always', 1, true],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Never', 1, false],
  ];
  for (const [restartPolicy, code, restarted] of cases)
    assert.equal(restarts(podWith({ restartPolicy }), { name: 'main' }, code), restarted, `${restartPolicy} ${code}`);
});

test("a container's own policy and rules go before the Pod's", () => {
  const pod = podWith({ restartPolicy: 'Never' });
  const own: Container = {
    name: 'main',
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42, 43] } }],
  };
  assert.deepEqual(
    [42, 43, 1, 0].map((code) => restarts(pod, own, code)),
    [true, true, false, false],
  );
  const other: Container = {
    ...own,
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [0, 1] } }],
  };
  assert.deepEqual(
    [0, 1, 2].map((code) => restarts(pod, other, code)),
    [false, false, true],
  );
  assert.equal(restarts(pod, { name: 'main', restartPolicy: 'OnFailure' }, 1), true);
  assert.equal(planned(podWith({ restartPolicy: 'Never', containers: [own] }), 'main=42'), 'start main');
});

test('containers for debugging start once, at any time, and hold nothing up', () => {
  const pod = podWith({ ephemeralContainers: [{ name: 'debug' }], restartPolicy: 'Never' });
  assert.equal(planned(pod, 'main=run'), 'start debug');
  assert.equal(planned(pod, 'main=run debug=1'), '');
  assert.equal(planned(pod, 'main=0 debug=run'), 'finished');
});
