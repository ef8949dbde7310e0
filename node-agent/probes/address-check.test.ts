import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { ManualClock } from '../manual-clock.ts';
import { ContainerListeners } from '../network/container-listeners.ts';
import type { NodePod } from '../pods/types.ts';
import { killMarked } from '../runtime/marked-processes.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { AddressCheck } from './address-check.ts';
import type { ContainerProbes, PodProbesOptions } from './pod-probes.ts';

const marks = { SKIFF_CLUSTER: randomUUID(), SKIFF_NODE: 'node1' };
const podIP = '127.99.1.2';

/** Listens where it is told by TCP or UDP, and closes when its input ends; a child of its own does, with an environment that was cleared. */
const server = `
  const [protocol, host, port] = process.argv.slice(1);
  const socket = protocol === 'TCP' ? require('net').createServer().listen(port, host) : require('dgram').createSocket('udp4').bind(port, host);
  socket.on('listening', () => console.log(socket.address().port));
  process.stdin.on('end', () => socket.close(() => { console.log('closed'); setInterval(() => {}, 1000); })).resume();`;

async function listen(container: string, [protocol, host, port]: [string, string, number]) {
  const clear = ['env', '-i', process.execPath, '-e', server, protocol, host, String(port)];
  const child = spawn('sh', ['-c', '"$@"; :', 'sh', ...clear], {
    env: { ...process.env, ...marks, SKIFF_CONTAINER: container },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const found = Number(await line());
  const close = async (): Promise<void> => {
    child.stdin.end();
    await line();
  };
  const end = async (): Promise<void> => {
    await killMarked({ ...marks, SKIFF_CONTAINER: container });
    await ended;
  };
  return { port: found, close, [Symbol.asyncDispose]: end };
}

function check({ hostNetwork = false } = {}) {
  const clock = new ManualClock();
  const listeners = new ContainerListeners({ marks, clock });
  // Only what is read.
  const pod = { metadata: { name: 'web' }, spec: { hostNetwork } } as unknown as NodePod;
  const events: string[] = [];
  let changes = 0;
  const probes: ContainerProbes = {
    ...{ follow: () => undefined, isStarted: () => true, isReady: () => true, failure: () => undefined },
    stop: () => undefined,
  };
  const recorder = {
    event: (_: object, type: string, reason: string, message: string) => events.push(`${type} ${reason} ${message}`),
  };
  const checked = new AddressCheck({
    ...{ probes, listeners, clock, pod: () => pod, podIP: () => podIP, onChange: () => (changes += 1) },
    events: recorder as unknown as PodProbesOptions['events'], // only this is used
  });
  const follow = (id: string, { imageId = 'builtin://x', command = ['python3'] } = {}): void => {
    const status = { id, imageId, startedAt: new Date(clock.now()).toISOString() } as ContainerStatus; // what is read
    checked.follow(new Map([[{ name: 'main', command }, status]]));
  };
  return { checked, clock, events, follow, changes: () => changes };
}

test('a container that listens on all addresses is not ready, with an Event that says what to do, until it stops', async () => {
  await using listening = await listen('uid-a/main/0', ['TCP', '0.0.0.0', 0]);
  const { checked, clock, events, follow, changes } = check();
  follow('uid-a/main/0');
  assert.equal(checked.isReady('main'), true);
  await clock.advance(1000);
  assert.equal(checked.isReady('main'), false);
  assert.deepEqual(checked.unready, {
    reason: 'ListensOnAllAddresses',
    message: `containers listen on all addresses of the machine: [main: ${listening.port}/TCP]`,
  });
  assert.equal(changes(), 1);
  await clock.advance(5000);
  assert.equal(changes(), 1);
  assert.equal(events.length, 1);
  assert.match(
    events[0] ?? '',
    new RegExp(
      `^Warning ListensOnAllAddresses Container main listens on port ${listening.port}/TCP of all .*its variable HOST says \\(${podIP}\\)`,
    ),
  );
  await listening.close();
  await clock.advance(1000);
  assert.equal(checked.isReady('main'), true);
  assert.equal(checked.unready, undefined);
  checked.stop();
});

for (const [protocol, host, port] of [
  ['TCP', '::', 0],
  ['UDP', '0.0.0.0', 1853],
] as const)
  test(`also on ${host} by ${protocol}`, async () => {
    await using _ = await listen('uid-b/main/0', [protocol, host, port]);
    const { checked, clock, follow } = check();
    follow('uid-b/main/0');
    await clock.advance(1000);
    assert.equal(checked.isReady('main'), false);
    checked.stop();
  });

test('a container that keeps to its address is ready, as is one that only sends, and any on the network of its node', async () => {
  await using _ = await listen('uid-c/main/0', ['TCP', podIP, 0]);
  await using _sends = await listen('uid-c/main/0', ['UDP', '0.0.0.0', 0]);
  const own = check();
  own.follow('uid-c/main/0');
  await own.clock.advance(1000);
  assert.equal(own.checked.isReady('main'), true);
  await using _everywhere = await listen('uid-d/main/0', ['TCP', '0.0.0.0', 0]);
  const host = check({ hostNetwork: true });
  host.follow('uid-d/main/0');
  await host.clock.advance(1000);
  assert.equal(host.checked.isReady('main'), true);
  for (const { checked } of [own, host]) checked.stop();
});

test('a program that may listen anywhere is not ready until it had the time to show where; Node programs keep to their address', async () => {
  const { checked, clock, follow, changes } = check();
  follow('uid-e/main/0', { imageId: 'host://python' });
  assert.equal(checked.isReady('main'), false);
  await clock.advance(999);
  assert.equal(checked.isReady('main'), false);
  await clock.advance(1);
  assert.equal(checked.isReady('main'), true);
  assert.equal(changes(), 1);
  follow('uid-e/main/1', { imageId: 'host://node', command: ['/usr/bin/node'] });
  assert.equal(checked.isReady('main'), true);
  checked.stop();
});

test('a program that has run with another agent is looked at once, and stays as it was', () => {
  const { checked, clock } = check();
  const startedAt = new Date(clock.now() - 60_000).toISOString();
  const status = { id: 'uid-f/main/0', imageId: 'host://python', startedAt } as ContainerStatus; // what is read
  checked.follow(new Map([[{ name: 'main' }, status]]));
  assert.equal(checked.isReady('main'), true);
  checked.stop();
});
