import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { runOurs, type Told } from './both-kubectls.ts';

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: c, image: my-app-image}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

describe('the tiny kubectl, talking to Pods of a real cluster', () => {
  let cluster: ClusterUnderTest;
  let folder: string;
  const run = (args: string[], options: { stdin?: string; signal?: AbortSignal } = {}): Promise<Told> =>
    runOurs(['--kubeconfig', cluster.kubeconfig, ...args], { cwd: folder, ...options });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skiff-kubectl-'));
    cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '1', '--no-merge-kubeconfig');
    assert.equal((await run(['apply', '-f', '-'], { stdin: manifest })).code, 0);
    const waited = await run(['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s']);
    assert.equal(waited.stdout, 'pod/web condition met\n', waited.stderr);
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('runs commands, with their input, output and exit codes', async () => {
    assert.deepEqual(await run(['exec', 'web', '--', 'echo', 'a b']), { code: 0, stdout: 'a b\n', stderr: '' });
    assert.equal((await run(['exec', '-i', 'web', '--', 'cat'], { stdin: 'typed' })).stdout, 'typed');
    assert.deepEqual(await run(['exec', 'web', '--', 'sh', '-c', 'echo bad >&2; exit 3']), {
      code: 3,
      stdout: '',
      stderr: 'bad\ncommand terminated with exit code 3\n',
    });
  });

  it('copies files and folders to a Pod and back', async () => {
    writeFileSync(join(folder, 'one'), 'content');
    assert.equal((await run(['cp', 'one', 'web:/tmp/two'])).code, 0);
    assert.equal((await run(['cp', 'web:/tmp/two', 'three'])).code, 0);
    assert.equal(readFileSync(join(folder, 'three'), 'utf8'), 'content');
    assert.equal((await run(['cp', 'one', 'web:/tmp'])).code, 0);
    assert.equal((await run(['exec', 'web', '--', 'cat', '/tmp/one'])).stdout, 'content');
    assert.match((await run(['cp', 'nope', 'web:/tmp'])).stderr, /nope doesn't exist in local filesystem/);
  });

  it('forwards a port of this machine to the Pod behind a Service', async () => {
    const end = new AbortController();
    let told: Told | undefined;
    const port = 20_000 + (process.pid % 20_000);
    const forwarding = run(['port-forward', 'svc/web', `${port}:80`], { signal: end.signal }).then((result) => {
      told = result;
    });
    const answer = await eventually(async () => (await fetch(`http://127.0.0.1:${port}/`)).text());
    assert.match(answer, /^Hello from web\n/);
    end.abort();
    await forwarding;
    assert.match(told?.stdout ?? '', new RegExp(`Forwarding from 127\\.0\\.0\\.1:${port} -> 8080\n`));
  });

  it('serves the API on loopback, and to nobody from elsewhere', async () => {
    const end = new AbortController();
    const port = 40_000 + (process.pid % 20_000);
    const proxy = run(['proxy', `--port=${port}`], { signal: end.signal });
    const url = `http://127.0.0.1:${port}`;
    const version = await eventually(async () => (await fetch(`${url}/version`)).json());
    assert.equal((version as { major: string }).major, '1'); // as every server's
    assert.equal((await fetch(`${url}/version`, { headers: { origin: 'https://evil.example' } })).status, 403);
    assert.equal(
      (await fetch(`${url}/api/v1/namespaces/default/pods/web/exec?command=ls`, { method: 'POST' })).status,
      403,
    );
    assert.equal((await fetch(`${url}/api/v1/namespaces/default/pods/nope`)).status, 404);
    end.abort();
    await proxy;
  });

  it('shows a log as far as it is asked for, and the first words of a Pod that is run', async () => {
    const ran = await run([
      'run',
      'hi',
      '--image=busybox',
      '--restart=Never',
      '--rm',
      '-i',
      '--quiet',
      '--',
      'echo',
      'hello',
    ]);
    assert.match(ran.stdout, /^pod\/hi created\n(?:.*\n)*hello\npod "hi" deleted\n$/m, ran.stderr);
  });

  it('drains a node of its Pods, and lets them come back', async () => {
    const refused = await run(['drain', 'node1', '--pod-selector=app=web']);
    assert.match(
      refused.stderr,
      /cannot delete Pods that declare no controller \(use --force to override\): default\/web/,
    );
    const drained = await run(['drain', 'node1', '--pod-selector=app=web', '--force', '--grace-period=1']);
    assert.match(
      drained.stdout,
      /node\/node1 already cordoned\nevicting pod default\/web\npod\/web evicted\nnode\/node1 drained\n/,
    );
    assert.equal((await run(['uncordon', 'node1'])).stdout, 'node/node1 uncordoned\n');
  });
});
