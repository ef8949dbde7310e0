import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InstalledPackage } from './installed-package.ts';

const root = join(import.meta.dirname, '..', '..');
const examples = join(root, 'examples', 'testing');
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

const testFile = `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from 'skiff/testing';

test('a Deployment becomes available', async () => {
  const cluster = await startCluster({ nodes: 2 });
  try {
    const deployments = cluster.client.resource('Deployment');
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    await deployments.create({ metadata: { namespace: 'default', name: 'web' }, spec });
    for await (const { object } of deployments.watch({ namespace: 'default' })) {
      if (object.status?.availableReplicas === 2) break;
    }
  } finally {
    await cluster.close();
  }
});
`;

const typedFile = `
import { Client } from 'skiff/client/client';
import { Informer } from 'skiff/client/informer';
import { startCluster, type TestCluster } from 'skiff/testing';

const cluster: TestCluster = await startCluster({ nodes: 2 });
const pod = await cluster.client.resource('Pod').get({ namespace: 'default', name: 'web' });
const phase: string | undefined = pod.status?.phase;
// @ts-expect-error: a phase is no number
const wrong: number | undefined = pod.status?.phase;
cluster.faults.conflict({ resource: 'pods' });
console.log(phase, wrong, new Informer(new Client(cluster.credentials).resource('Pod')));
`;

let app: InstalledPackage;
let offline: string | undefined;
before(async () => {
  const created = await InstalledPackage.create();
  if ('offline' in created) offline = created.offline;
  else app = created;
});
after(() => app?.[Symbol.asyncDispose]());

const check = (name: string, body: () => Promise<void>): void => {
  test(`the package ${name}`, async (context) => {
    if (offline) context.skip(`npm can't install it: ${offline}`);
    else await body();
  });
};

check('installs into an empty folder, and is small', async () => {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const { packedBytes, installedBytes, installMs } = app;
  console.log(
    `package ${megabytes(packedBytes)}, installed ${megabytes(installedBytes)} in ${(installMs / 1000).toFixed(1)} s`,
  );
  assert.ok(packedBytes < 2e6, 'nothing was packed that does not belong there');
  assert.ok(installedBytes < 80e6);
});

check('runs a test file that imports skiff/testing', async () => {
  app.write('web.test.js', testFile);
  assert.match(await app.run('node', '--test', 'web.test.js'), /pass 1\b/);
});

check('is typed, down to the fields of Kubernetes, with nothing else installed', async () => {
  const types = join(root, 'node_modules', '@types');
  const options = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: false };
  const compilerOptions = { ...options, lib: ['es2023', 'esnext.disposable'], types: ['node'], typeRoots: [types] };
  app.write('typed.ts', typedFile);
  app.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  await app.run(join(root, 'node_modules', '.bin', 'tsc'), '-p', '.');
});

check('runs the example for node:test', async () => {
  app.copy(examples);
  const tests = join('testing', 'node-test', 'roll-out.test.js');
  assert.match(await app.run('node', '--test', tests), /pass 3\b[\s\S]*fail 0\b/);
});

const runners: Readonly<Record<string, readonly string[]>> = {
  vitest: ['npx', 'vitest', 'run', 'testing/vitest'],
  jest: ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'testing/jest'],
};
for (const [runner, [program = '', ...args]] of Object.entries(runners)) {
  test(`the package runs the example for ${runner}`, async (context) => {
    const why = offline ?? (await app.install(runner)).offline;
    if (why) {
      context.skip(`npm can't install ${runner}: ${why}`);
      return;
    }
    app.copy(examples);
    assert.match(await app.run(program, ...args), /3 passed/);
  });
}

check('serves the example in Python, which is driven by kubectl', async () => {
  if (!hasKubectl || spawnSync('python3', ['--version']).status !== 0) {
    console.log('not tried: python3 or kubectl is not on the PATH');
    return;
  }
  app.copy(examples);
  assert.match(
    await app.run('python3', '-m', 'unittest', 'discover', join('testing', 'python')),
    /Ran 2 tests[\s\S]*OK/,
  );
});

for (const network of ['auto', 'host'] as const)
  check(`starts a real cluster with npx skiff up --network ${network}, with its DNS and its own images`, async () => {
    const home = mkdtempSync(join(tmpdir(), 'skiff-package-home-'));
    const flags = ['--data-dir', join(home, 'cluster')];
    try {
      const up = [
        'up',
        ...flags,
        '--network',
        network,
        '--nodes',
        '1',
        '--api-port',
        '0',
        '--no-merge-kubeconfig',
        '--sample',
      ];
      assert.match(await app.run('npx', 'skiff', ...up), /is up after/);
      if (!hasKubectl) return;
      const kubeconfig = join(home, 'cluster', 'kubeconfig');
      const pods = execFileSync('kubectl', ['--kubeconfig', kubeconfig, 'get', 'pods', '-A', '--no-headers']);
      const ready = pods.toString().match(/^\S+ +(my-app|coredns)-\S+ +1\/1 +Running/gm) ?? [];
      assert.ok(ready.length >= 4, pods.toString());
    } finally {
      await app.run('npx', 'skiff', 'delete', ...flags);
      rmSync(home, { recursive: true, force: true });
    }
  });
