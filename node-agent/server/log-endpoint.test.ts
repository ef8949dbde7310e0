import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import { LogRotation } from '../logs/log-rotation.ts';
import type { NodePod } from '../pods/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { AgentServer } from './agent-server.ts';
import { logEndpoint } from './log-endpoint.ts';
import { NodePods } from './node-pods.ts';

const time = (second: number): string => `2026-01-02T03:04:0${second}.000000000Z`;
const logged = [
  `${time(1)} stdout F one\n`,
  `${time(2)} stderr F two\n`,
  `${time(3)} stdout P thr\n`,
  `${time(3)} stdout F ee\n`,
].join('');

type Status = NonNullable<NonNullable<NodePod['status']>['containerStatuses']>[number];

const ended = (attempt: number) => ({ exitCode: 1, containerID: `crun://u1/app/${attempt}` });
const running = { running: { startedAt: time(1) } };
const waits = (reason: string) => ({ waiting: { reason } });

const status = (
  name: string,
  state: NonNullable<Status['state']>,
  lastState: NonNullable<Status['lastState']> = {},
): Status => ({
  ...{ name, image: 'x', imageID: '', ready: false, restartCount: 0, containerID: `crun://u1/${name}/1` },
  ...{ state, lastState },
});

/** Whose second life goes on. */
const usual = [status('app', running, { terminated: ended(0) })];

const podWith = (containerStatuses: Status[]): NodePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'app' }] },
  status: { containerStatuses },
});

/** A server, a log with one run, and a container that runs until it is told to end. */
async function start({ statuses = usual } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-logs-'));
  const listeners = new Set<(id: string) => void>();
  let state: 'running' | 'exited' = 'running';
  mkdirSync(join(folder, 'app'));
  writeFileSync(join(folder, 'app/1.log'), logged);
  const socketPath = join(folder, 'agent.sock');
  const runtime: Pick<ContainerRuntime, 'containerStatus' | 'onChange' | 'listContainers'> = {
    listContainers: async () => [],
    containerStatus: async (id) => ({
      id,
      sandboxId: 'u1',
      name: 'app',
      attempt: 1,
      imageId: '',
      createdAt: '',
      state,
    }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const pods = new NodePods({ pod: ({ name }) => (name === 'web' ? podWith(statuses) : undefined), runtime });
  const server = new AgentServer({
    socketPath,
    endpoints: { containerLogs: logEndpoint({ pods, runtime, folder: () => folder }) },
    upgrades: {},
    dial: () => Promise.reject(new Error('nobody is here')),
  });
  await server.start();
  return {
    folder,
    socketPath,
    get: (path: string, onData?: (text: string) => void) => get(socketPath, path, onData),
    end: () => {
      state = 'exited';
      for (const listener of listeners) listener('u1/app/1');
    },
    listeners,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function get(socketPath: string, path: string, onData?: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        onData?.(text);
      });
      response.on('end', () => {
        const shown = response.statusCode === 200 ? text : JSON.parse(text).message;
        resolve(`${response.statusCode} ${shown}`);
      });
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

test('a log is shown as its options ask', async () => {
  await using logs = await start();
  writeFileSync(join(logs.folder, 'app/0.log'), `${time(0)} stdout F before\n`);
  const shown: Record<string, string> = {
    '': 'one\ntwo\nthree\n',
    'tailLines=2': 'three\n',
    'tailLines=3': 'two\nthree\n',
    'tailLines=0': '',
    'limitBytes=5': 'one\nt',
    'timestamps=true': `${time(1)} one\n${time(2)} two\n${time(3)} three\n`,
    [`sinceTime=${time(2)}`]: 'two\nthree\n',
    'sinceSeconds=1': '',
    'previous=true': 'before\n',
  };
  for (const [options, text] of Object.entries(shown))
    assert.equal(await logs.get(`/containerLogs/default/web/app?${options}`), `200 ${text}`, options);
});

test('what is not there is said in the words of the kubelet', async () => {
  await using logs = await start();
  const answers: Record<string, string> = {
    '/containerLogs/default/other/app': '404 pod "other" not found',
    '/containerLogs/default/web/other': '404 container "other" not found in pod "web"',
    '/containerLogs/default/web/app?tailLines=x': '400 tailLines must be a whole number of 0 or more, not "x"',
  };
  for (const [path, answer] of Object.entries(answers)) assert.equal(await logs.get(path), answer);
});

const before = `200 before\n`;
const now = '200 one\ntwo\nthree\n';
const about = 'container "app" in pod "web"';
const none = `400 previous terminated ${about} not found`;
const lives: [title: string, status: Status[], current: string, previous: string][] = [
  ['runs for the first time', [status('app', running)], now, none],
  ['runs again', usual, now, before],
  ['waits to be started again', [status('app', waits('CrashLoopBackOff'), { terminated: ended(1) })], now, now],
  ['has ended for the first time', [status('app', { terminated: ended(1) })], now, none],
  ['has ended again', [status('app', { terminated: ended(1) }, { terminated: ended(0) })], now, before],
  ['ended unseen', [status('app', { terminated: { exitCode: 137 } })], `400 ${about} is terminated`, none],
  ['has no status yet', [], `400 ${about} is not available`, `400 ${about} is not available`],
  ...Object.entries({
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
    ContainerCreating: 'ContainerCreating',
  }).map(([reason, words]): [string, Status[], string, string] => [
    `waits: ${reason}`,
    [status('app', waits(reason))],
    `400 ${about} is waiting to start: ${words}`,
    none,
  ]),
];

for (const [title, statuses, current, previous] of lives)
  test(`the current and the previous log of a container that ${title}`, async () => {
    await using logs = await start({ statuses });
    writeFileSync(join(logs.folder, 'app/0.log'), `${time(0)} stdout F before\n`);
    assert.equal(await logs.get('/containerLogs/default/web/app'), current);
    assert.equal(await logs.get('/containerLogs/default/web/app?previous=true'), previous);
  });

test('a log that was rotated shows what came after that, and goes on when followed', { timeout: 10_000 }, async () => {
  await using logs = await start();
  const [folder, path] = [join(logs.folder, 'logs'), join(logs.folder, 'app/1.log')];
  mkdirSync(join(folder, 'default_web_u1'), { recursive: true });
  symlinkSync(join(logs.folder, 'app'), join(folder, 'default_web_u1/app'));
  const rotation = new LogRotation({ folder, clock: systemClock, mostBytes: 10 });
  const url = '/containerLogs/default/web/app?timestamps=true';
  const seen = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const followed = logs.get(`${url}&follow=true&tailLines=1`, (text) => {
    if (text.includes('ee')) seen[0]?.resolve();
    if (text.includes('four')) seen[1]?.resolve();
  });
  await seen[0]?.promise;
  await rotation.rotate();
  appendFileSync(path, `${time(4)} stdout F four\n${time(5)} stdout F five\n${time(6)} stderr F six\n`);
  await seen[1]?.promise;
  const shown: Record<string, string> = {
    '': `${time(4)} four\n${time(5)} five\n${time(6)} six\n`,
    '&tailLines=2': `${time(5)} five\n${time(6)} six\n`,
    '&tailLines=9': `${time(4)} four\n${time(5)} five\n${time(6)} six\n`,
    [`&sinceTime=${time(6)}`]: `${time(6)} six\n`,
  };
  for (const [options, text] of Object.entries(shown)) assert.equal(await logs.get(url + options), `200 ${text}`);
  await rotation.rotate();
  appendFileSync(path, `${time(7)} stdout F seven\n`);
  logs.end();
  const text = await followed;
  assert.equal(text, `200 ${time(3)} ee\n${time(4)} four\n${time(5)} five\n${time(6)} six\n${time(7)} seven\n`);
});

test('a followed log goes on until its container ends', { timeout: 10_000 }, async () => {
  await using logs = await start();
  const seen = Promise.withResolvers<void>();
  const followed = logs.get('/containerLogs/default/web/app?follow=true&tailLines=1', (text) => {
    if (text.includes('four')) seen.resolve();
  });
  appendFileSync(join(logs.folder, 'app/1.log'), `${time(4)} stdout F four\n`);
  await seen.promise;
  appendFileSync(join(logs.folder, 'app/1.log'), `${time(5)} stdout F five\n`);
  logs.end();
  const text = await followed;
  assert.ok(text.endsWith('four\nfive\n'), text);
  assert.equal(logs.listeners.size, 0);
});

test('only the user may open the socket', async () => {
  await using logs = await start();
  assert.equal(statSync(logs.socketPath).mode & 0o777, 0o600);
});
