import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestServer } from '../testing.ts';
import { parseProtobuf } from './protobuf-body.ts';

const field = (number: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
};
const body = (apiVersion: string, kind: string, object: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, object),
  ]);

test('a body says what it is, and is read as that', () => {
  const entry = Buffer.concat([field(1, 'x'), field(2, '1')]);
  const object = Buffer.concat([field(1, field(1, 'a')), field(2, entry)]);
  assert.deepEqual(parseProtobuf(body('v1', 'ConfigMap', object)), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { x: '1' },
  });
});

test('what is no protobuf is refused with 400, kinds without such an encoding with 415', () => {
  assert.throws(() => parseProtobuf(Buffer.from('{}')), { code: 400 });
  assert.throws(() => parseProtobuf(body('v1', 'ConfigMap', Buffer.from([10, 99]))), { code: 400 });
  assert.throws(() => parseProtobuf(body('example.com/v1', 'Widget', Buffer.alloc(0))), { code: 415 });
});

/** Runs kubectl against a server; undefined where there is no kubectl. */
async function kubectl(server: TestServer, ...args: string[]): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-kubectl-'));
  try {
    const { certificates, url } = server.server;
    const client = certificates.clients.get('kubernetes-admin');
    const kubeconfig = join(folder, 'config');
    const base64 = (text: string | undefined): string => Buffer.from(text ?? '').toString('base64');
    const cluster = { server: url, 'certificate-authority-data': base64(certificates.ca) };
    const user = { 'client-certificate-data': base64(client?.cert), 'client-key-data': base64(client?.key) };
    const context = { cluster: 'c', user: 'u' };
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context }],
      'current-context': 'x',
    };
    writeFileSync(kubeconfig, JSON.stringify(config));
    const child = spawn('kubectl', ['--kubeconfig', kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', () => undefined);
    const [code] = await Promise.race([once(child, 'close'), once(child, 'error').then(() => [undefined])]);
    return code === undefined || code < 0 ? undefined : output.trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the real kubectl, whose typed clients write protobuf, creates objects and asks what it may', async (context) => {
  await using server = await TestServer.start();
  const created = await kubectl(server, 'create', 'configmap', 'x', '--from-literal=a=b');
  if (created === undefined) return context.skip('there is no kubectl');
  assert.equal(created, 'configmap/x created');
  assert.deepEqual((await server.send('GET', '/api/v1/namespaces/default/configmaps/x')).body.data, { a: 'b' });
  assert.equal(
    await kubectl(server, 'create', 'deployment', 'd', '--image=i', '--port=80'),
    'deployment.apps/d created',
  );
  const { body } = await server.send('GET', '/apis/apps/v1/namespaces/default/deployments/d');
  assert.deepEqual(body.spec.template.spec.containers[0].ports, [{ containerPort: 80, protocol: 'TCP' }]);
  assert.equal(await kubectl(server, 'auth', 'can-i', 'delete', 'pods'), 'yes');
  assert.equal(await kubectl(server, 'delete', 'configmap', 'x', '--now'), 'configmap "x" deleted');
});
