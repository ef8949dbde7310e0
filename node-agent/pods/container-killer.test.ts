import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@skiff/client/client';
import { EventRecorder } from '@skiff/client/events';
import { ManualClock } from '../manual-clock.ts';
import { FakeRuntime } from '../runtime/fake.ts';
import type { ContainerStatus, ExecSession } from '../runtime/runtime.ts';
import { killPod } from './container-killer.ts';
import type { Container, NodePod } from './types.ts';

/** Keeps a diary; containers end when they are let go. */
class SlowRuntime extends FakeRuntime {
  readonly diary: string[] = [];
  readonly #ends = new Map<string, () => void>();

  override exec(id: string): Promise<ExecSession> {
    this.diary.push(`hook of ${id}`);
    return Promise.reject(new Error('what it does is of no interest'));
  }

  override stopContainer(id: string, { graceMs }: { graceMs: number }): Promise<void> {
    this.diary.push(`TERM to ${id} for ${graceMs}`);
    return new Promise((resolve) => this.#ends.set(id, resolve));
  }

  /** Ends these, and answers with what has happened since. */
  async end(...ids: string[]): Promise<string[]> {
    for (const id of ids) this.#ends.get(id)?.();
    await new Promise((resolve) => setImmediate(resolve));
    return this.diary.splice(0);
  }
}

const preStop = { lifecycle: { preStop: { exec: { command: ['true'] } } } };
const pod: NodePod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: {
    initContainers: [
      { name: 'done' },
      { name: 'first', restartPolicy: 'Always' },
      { name: 'second', restartPolicy: 'Always', ...preStop },
    ],
    containers: [{ name: 'main' }, { name: 'other' }],
  },
};

function start() {
  using client = new Client({ server: 'http://127.0.0.1:1' });
  const clock = new ManualClock();
  const runtime = new SlowRuntime();
  const node = { clock, runtime, events: new EventRecorder(client, { component: 'kubelet', clock }) };
  // Of an older object than the one that asks for the end.
  const { initContainers = [], containers } = structuredClone(pod.spec);
  const running = new Map<Container, ContainerStatus>();
  for (const container of [...initContainers.slice(1), ...containers]) {
    const { name } = container;
    const about = { sandboxId: 'u1', name, attempt: 0, imageId: '', state: 'running', createdAt: '' } as const;
    running.set(container, { ...about, id: name });
  }
  const killed = killPod(node, pod, running, { podIP: '', until: clock.now() + 10_000 });
  return { clock, runtime, killed };
}

test('sidecars end after the others, the last first, though their hooks run at once', async () => {
  const { clock, runtime, killed } = start();
  assert.deepEqual((await runtime.end()).sort(), [
    'TERM to main for 10000',
    'TERM to other for 10000',
    'hook of second',
  ]);
  await clock.advance(1000);
  assert.deepEqual(await runtime.end('main'), []);
  assert.deepEqual(await runtime.end('other'), ['TERM to second for 9000']);
  await clock.advance(1000);
  assert.deepEqual(await runtime.end('second'), ['TERM to first for 8000']);
  await runtime.end('first');
  await killed;
});

test('sidecars do not wait for others beyond the grace period', async () => {
  const { clock, runtime, killed } = start();
  await runtime.end();
  await clock.advance(10_000);
  assert.deepEqual((await runtime.end()).sort().reverse(), ['TERM to second for 2000', 'TERM to first for 2000']);
  await runtime.end('main', 'other', 'second', 'first');
  await killed;
});
