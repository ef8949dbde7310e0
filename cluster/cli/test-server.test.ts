import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Client } from '@skiff/client/client';
import { loadKubeconfig } from '@skiff/client/kubeconfig';
import { eventually } from '@skiff/client/testing/eventually';

const skiff = join(import.meta.dirname, '..', 'bin', 'skiff.js');

interface Ready {
  readonly url: string;
  readonly kubeconfig: string;
  readonly pid: number;
  readonly nodes: string[];
}

/** A test server as a test in another language has it: a process, its lines, and a client of somebody else's. */
class RemoteCluster implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ready: Ready;
  readonly client: Client;
  readonly #lines: AsyncIterator<string>;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, ready: Ready) {
    this.child = child;
    this.#lines = lines;
    this.ready = ready;
    this.client = new Client(loadKubeconfig(ready.kubeconfig));
    this.#exited = once(child, 'exit');
  }

  static async start(...flags: string[]): Promise<RemoteCluster> {
    const child = spawn(process.execPath, [skiff, 'test-server', ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return new RemoteCluster(child, lines, JSON.parse((await lines.next()).value ?? ''));
  }

  async call(call: string, ...args: unknown[]) {
    this.child.stdin?.write(`${JSON.stringify({ id: 1, call, with: args })}\n`);
    return JSON.parse((await this.#lines.next()).value ?? '');
  }

  /** Closes its standard input, and resolves when it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.child.stdin?.end();
    await this.#exited;
  }
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
const key = { namespace: 'default', name: 'one' };
const pod = { metadata: key, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'one:1' }] } };

test('it says where it is, serves, and leaves nothing when its standard input closes', async () => {
  const remote = await RemoteCluster.start('--nodes', '2');
  assert.deepEqual(remote.ready.nodes, ['node1', 'node2']);
  assert.equal((await remote.client.resource('Node').list()).items.length, 2);
  await remote[Symbol.asyncDispose]();
  assert.equal(remote.child.exitCode, 0);
  assert.equal(existsSync(remote.ready.kubeconfig), false);
});

test('it takes calls, and answers each with a line', async () => {
  await using remote = await RemoteCluster.start();
  const { result } = await remote.call('pods.fail', { name: 'one' }, { exitCode: 3 });
  await remote.client.resource('Pod').create(pod);
  await eventually(async () => assert.equal((await remote.client.resource('Pod').get(key)).status?.phase, 'Failed'));
  assert.deepEqual(await remote.call('undo', result.undo), { id: 1, result: null });
  await remote.call('faults.tooManyRequests', { verb: 'list' }, { retryAfter: 2 });
  await assert.rejects(remote.client.resource('Pod').list(), { code: 429 });
  const { result: requests } = await remote.call('requests.of', { verb: 'list', resource: 'pods' });
  assert.deepEqual(
    requests.map(({ path, code }: { path: string; code: number }) => [path, code]),
    [['/api/v1/pods', 429]],
  );
  assert.match((await remote.call('pods.fly')).error, /there is no call "pods.fly"; there are pods.keepPending,/);
  assert.match((await remote.call('nodes.stop', 'node9')).error, /there is no node "node9"/);
});

test('it starts from a snapshot, with the definitions of a file, where a kubeconfig is wanted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-remote-'));
  try {
    const snapshot = join(folder, 'snapshot');
    {
      await using first = await RemoteCluster.start('--no-controllers');
      await first.client.resource('ConfigMap').create({ metadata: key, data: { from: 'first' } });
      assert.deepEqual(await first.call('snapshot', snapshot), { id: 1, result: null });
    }
    const crds = join(folder, 'crds.yaml');
    writeFileSync(
      crds,
      `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: boats.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: boats, kind: Boat }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
    );
    const kubeconfig = join(folder, 'kubeconfig');
    await using second = await RemoteCluster.start('--from', snapshot, '--crds', crds, '--kubeconfig', kubeconfig);
    assert.equal(second.ready.kubeconfig, kubeconfig);
    assert.deepEqual((await second.client.resource('ConfigMap').get(key)).data, { from: 'first' });
    const path = '/apis/example.com/v1/namespaces/default/boats';
    const body = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'skiff' } };
    await second.client.request({ method: 'POST', path, body });
    const { items } = await second.client.request<{ items: unknown[] }>({ method: 'GET', path });
    assert.equal(items.length, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('without a pipe as its standard input it ends when its parent dies', async () => {
  const script = `"${process.execPath}" "${skiff}" test-server --nodes 0 < /dev/null & wait`;
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await createInterface(shell.stdout)[Symbol.asyncIterator]().next();
  const { pid, kubeconfig }: Ready = JSON.parse(value ?? '');
  assert.ok(isAlive(pid));
  shell.kill('SIGKILL');
  await eventually(() => assert.equal(isAlive(pid), false));
  assert.equal(existsSync(kubeconfig), false);
});

test('a flag that it does not know is refused with the usage', () => {
  const { status, stderr } = spawnSync(process.execPath, [skiff, 'test-server', '--wings'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /skiff test-server: Unknown option '--wings'/);
  assert.match(stderr, /--no-controllers/);
});
