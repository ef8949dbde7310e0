import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { kindNamed } from '@skiff/api/kinds';
import { isConflict, type StatusError } from '@skiff/api/status';
import { Client } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import { objectOf, ScriptedServer } from './testing/scripted-server.ts';

/** A server that answers with what it was asked. */
async function echo() {
  const server = await new ScriptedServer().start();
  server.script = ({ body }, response) => response.writeHead(200).end(body || '{}');
  const client = new Client({ server: server.url, token: 'secret' });
  const asked = (): string[] =>
    server.requests.map(({ method, path, query, headers }) =>
      [method, path + (query.size ? `?${query}` : ''), headers['content-type']].filter(Boolean).join(' '),
    );
  return { server, client, asked };
}

describe('the client of a kind', () => {
  it('asks for the right paths, in the right words', async () => {
    const { server, client, asked } = await echo();
    const key = { namespace: 'default', name: 'web' };
    const deployments = client.resource('Deployment');
    await deployments.get(key, { resourceVersion: '0' });
    await deployments.patch(key, { spec: { replicas: 2 } });
    await deployments.patch(key, [], { type: 'json', subresource: 'status', fieldManager: 'me' });
    await deployments.patch(key, {}, { type: 'apply', fieldManager: 'me', force: true, dryRun: true });
    await deployments.subresource(key, 'scale', 'PUT', {});
    await deployments.delete(key, { propagationPolicy: 'Foreground', preconditions: { uid: 'u' } });
    await client
      .resource('Pod')
      .deleteCollection({ namespace: 'default', labelSelector: 'a=b', gracePeriodSeconds: 0 });
    await client.resource('Node').updateStatus({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } });
    await client.resource('Secret').create({ metadata: { generateName: 's-', namespace: 'default' } });
    const web = '/apis/apps/v1/namespaces/default/deployments/web';
    assert.deepEqual(asked(), [
      `GET ${web}?resourceVersion=0`,
      `PATCH ${web} application/merge-patch+json`,
      `PATCH ${web}/status?fieldManager=me application/json-patch+json`,
      `PATCH ${web}?dryRun=All&fieldManager=me&force=true application/apply-patch+yaml`,
      `PUT ${web}/scale application/json`,
      `DELETE ${web} application/json`,
      'DELETE /api/v1/namespaces/default/pods?labelSelector=a%3Db application/json',
      'PUT /api/v1/nodes/node1/status application/json',
      'POST /api/v1/namespaces/default/secrets application/json',
    ]);
    const bodies = server.requests.map(({ body }) => body);
    assert.deepEqual(JSON.parse(bodies[5] ?? ''), {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u' },
    });
    assert.equal(JSON.parse(bodies[6] ?? '').gracePeriodSeconds, 0);
    assert.equal(JSON.parse(bodies[8] ?? '').kind, 'Secret');
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer secret');
    client.close();
    await server.stop();
  });

  it('fills in what lists leave out, and asks for metadata only where that is enough', async () => {
    await using server = await new ScriptedServer().start();
    using client = new Client({ server: server.url });
    const { apiVersion, kind, ...bare } = objectOf('a', '1');
    server.objects = [{ ...bare, apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }];
    const { items } = await client.metadata(kindNamed('Deployment')).list();
    assert.deepEqual([items[0]?.apiVersion, items[0]?.kind], ['apps/v1', 'Deployment']);
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    assert.equal(server.requests[0]?.headers.accept, accept);
  });

  it('throws the Status that the server answers, and a readable error for an answer that is none', async () => {
    await using server = await new ScriptedServer().start();
    using client = new Client({ server: server.url });
    const status = {
      kind: 'Status',
      reason: 'Conflict',
      message: 'changed meanwhile',
      code: 409,
      details: { name: 'a' },
    };
    server.script = (_, response) => response.writeHead(409).end(JSON.stringify(status));
    const configMaps = client.resource('ConfigMap');
    const key = { namespace: 'default', name: 'a' };
    await assert.rejects(
      configMaps.get(key),
      (error) => isConflict(error) && (error as StatusError).details?.name === 'a',
    );
    server.script = (_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>');
    await assert.rejects(configMaps.get(key), { name: 'StatusError', code: 502, message: '<h1>Bad gateway</h1>' });
  });

  it('tells a server that is away from one that refuses', async () => {
    await using server = await new ScriptedServer().start();
    using client = new Client({ server: server.url });
    await server.stop();
    await assert.rejects(client.resource('Node').list(), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.code, 'ECONNREFUSED');
      return true;
    });
    using absent = new Client({ server: 'unix:/nowhere/api.sock' });
    await assert.rejects(absent.resource('Node').list(), { name: 'ConnectionError', code: 'ENOENT' });
  });

  it('gives up an answer that does not come, and one that stops in the middle', async (t) => {
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (head) => {
        if (head.includes('half')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
      });
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const address = silent.address();
    assert.ok(typeof address === 'object' && address);
    using client = new Client({ server: `http://127.0.0.1:${address.port}` });
    for (const path of ['/none', '/half']) {
      await assert.rejects(client.request({ method: 'GET', path, idleMs: 30 }), /nothing came for 30 ms/, path);
    }
    const signal = AbortSignal.timeout(30);
    await assert.rejects(client.request({ method: 'GET', path: '/half', signal }), { name: 'TimeoutError' });
  });

  it('repeats a read that met a connection which the server had just closed', async (t) => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        if (++requests > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const address = server.address();
    assert.ok(typeof address === 'object' && address);
    using client = new Client({ server: `http://127.0.0.1:${address.port}` });
    for (let i = 0; i < 3; i += 1) {
      await client.request({ method: 'GET', path: '/' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(connections, 3);
    await assert.rejects(client.request({ method: 'POST', path: '/', body: {} }), { name: 'ConnectionError' });
  });
});
