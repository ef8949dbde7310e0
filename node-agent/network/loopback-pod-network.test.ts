import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LoopbackPodNetwork } from './loopback-pod-network.ts';
import { PortDirectory } from './port-directory.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'skiff-loopback-pods-'));
const directory = new PortDirectory(join(stateDir, 'ports'));
const options = { podCIDR: '127.99.1.0/24', stateDir, directory };
after(() => rmSync(stateDir, { recursive: true }));

test('each Pod has a loopback address of its own, also for a new agent, until it is taken down', async () => {
  const network = new LoopbackPodNetwork(options);
  const pods = [await network.setUp('uid-a'), await network.setUp('uid-b'), await network.setUp('uid-a')];
  assert.deepEqual(
    pods.map(({ ip }) => ip),
    ['127.99.1.2', '127.99.1.3', '127.99.1.2'],
  );
  const successor = new LoopbackPodNetwork(options);
  assert.deepEqual(
    (await successor.list()).map(({ sandboxId }) => sandboxId),
    ['uid-a', 'uid-b'],
  );
  const place = { protocol: 'TCP', address: '127.99.1.2', port: 80 } as const;
  directory.announce(place, { address: '127.0.0.1', port: 5000 });
  for (let time = 0; time < 2; time += 1) await successor.tearDown('uid-a');
  assert.equal(directory.find(place), undefined, 'its ports are forgotten with it');
  assert.equal((await successor.setUp('uid-c')).ip, '127.99.1.4');
});
