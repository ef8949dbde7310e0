import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../config.ts';
import { ManualClock } from '../manual-clock.ts';
import { StorageEviction } from './storage-eviction.ts';
import type { NodePod, PodSpec } from './types.ts';

const KI = 1024;

/** What is said to one Pod whose files are given by path below its node's folder, each with its size. */
async function evicted(spec: Partial<PodSpec>, files: Record<string, number>): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'skiff-eviction-'));
  const config = parseConfig({
    ...{ nodeName: 'n', nodeIP: '172.18.0.2', podCIDR: '10.244.1.0/24', stateDir: join(dataDir, 'state'), dataDir },
    ...{ socketPath: join(dataDir, 'agent.sock'), client: {} },
  });
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(dataDir, dirname(path)), { recursive: true });
    writeFileSync(join(dataDir, path), Buffer.alloc(bytes, 'x'));
  }
  const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
  const pod: NodePod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app' }], ...spec } };
  const messages: string[] = [];
  const runtime = { listContainers: async () => [] };
  const pods = () => [{ pod, evict: (message: string) => void messages.push(message) }];
  await new StorageEviction({ pods, config, runtime, clock: new ManualClock() }).look();
  rmSync(dataDir, { recursive: true });
  return messages;
}

const cache = 'pods/u1/volumes/cache';
const log = 'logs/default_web_u1';
const limit = (quantity: string) => ({ limits: { 'ephemeral-storage': quantity } });
const emptyDir = (sizeLimit: string) => [{ name: 'cache', emptyDir: { sizeLimit } }];
const two = [
  { name: 'app', resources: limit('100Ki') },
  { name: 'side', resources: limit('1Mi') },
];

const cases: [title: string, spec: Partial<PodSpec>, files: Record<string, number>, message: string | undefined][] = [
  ['an emptyDir within its limit', { volumes: emptyDir('200Ki') }, { [`${cache}/a/b`]: 150 * KI }, undefined],
  [
    'an emptyDir beyond its limit, in a folder of it',
    { volumes: emptyDir('200Ki') },
    { [`${cache}/a/b`]: 150 * KI, [`${cache}/c`]: 100 * KI },
    'Usage of EmptyDir volume "cache" exceeds the limit "200Ki". ',
  ],
  ['a limit of 0, which is none', { volumes: emptyDir('0'), containers: two }, { [`${cache}/a`]: 99 * KI }, undefined],
  ['a volume that is not there yet', { volumes: emptyDir('1Ki') }, {}, undefined],
  [
    'logs beyond the limit of their container, with those that were put aside',
    { containers: two },
    { [`${log}/app/0.log`]: 60 * KI, [`${log}/app/0.log.20260102-030405`]: 60 * KI },
    'Container app exceeded its local ephemeral storage limit "100Ki". ',
  ],
  ['logs of a container that may write as much', { containers: two }, { [`${log}/side/0.log`]: 500 * KI }, undefined],
  [
    'volumes and logs together beyond the limits of the containers together',
    { containers: two, volumes: [{ name: 'cache', emptyDir: {} }] },
    { [`${cache}/a`]: 1100 * KI, [`${log}/app/0.log`]: 90 * KI },
    'Pod ephemeral local storage usage exceeds the total limit of containers 1124Ki. ',
  ],
  ['a critical Pod', { priority: 2_000_000_000, volumes: emptyDir('1Ki') }, { [`${cache}/a`]: 150 * KI }, undefined],
];

for (const [title, spec, files, message] of cases)
  test(`${title}: ${message === undefined ? 'stays' : 'is evicted'}`, async () => {
    assert.deepEqual(await evicted(spec, files), message === undefined ? [] : [message]);
  });
