import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestServer } from '../../testing.ts';

let api: TestServer;
const addresses = '/apis/networking.k8s.io/v1/ipaddresses';
const services = '/api/v1/namespaces/default/services';
const merge = { 'content-type': 'application/merge-patch+json' };

before(async () => {
  api = await TestServer.start();
});
after(() => api[Symbol.asyncDispose]());

test('the range of cluster IPs is an object, and so is each address of a Service', async () => {
  const { spec, status } = (await api.send('GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes')).body;
  assert.deepEqual(spec.cidrs, ['10.96.0.0/16']);
  assert.equal(status.conditions[0].type, 'Ready');
  const { spec: first } = (await api.send('GET', `${addresses}/10.96.0.1`)).body;
  assert.deepEqual(first.parentRef, { resource: 'services', namespace: 'default', name: 'kubernetes' });
});

test('an IPAddress comes and goes with the cluster IP', async () => {
  const made = await api.send('POST', services, { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
  const address = made.body.spec.clusterIP;
  const record = (await api.send('GET', `${addresses}/${address}`)).body;
  assert.equal(record.metadata.labels['ipaddress.kubernetes.io/ip-family'], 'IPv4');
  assert.equal(record.spec.parentRef.name, 'a');

  const external = { spec: { type: 'ExternalName', externalName: 'e.example', clusterIP: null, clusterIPs: null } };
  assert.equal((await api.send('PATCH', `${services}/a`, external, merge)).code, 200);
  assert.equal((await api.send('GET', `${addresses}/${address}`)).code, 404);

  const back = await api.send('PATCH', `${services}/a`, { spec: { type: 'ClusterIP', externalName: null } }, merge);
  const again = back.body.spec.clusterIP;
  assert.equal((await api.send('GET', `${addresses}/${again}`)).code, 200);
  await api.send('DELETE', `${services}/a`);
  assert.equal((await api.send('GET', `${addresses}/${again}`)).code, 404);
});

test('a dry run and a headless Service record nothing', async () => {
  const before = (await api.send('GET', addresses)).body.items.length;
  await api.send('POST', `${services}?dryRun=All`, { metadata: { name: 'b' }, spec: { ports: [{ port: 80 }] } });
  await api.send('POST', services, { metadata: { name: 'c' }, spec: { clusterIP: 'None', ports: [{ port: 80 }] } });
  assert.equal((await api.send('GET', addresses)).body.items.length, before);
});

test('an IPAddress is called as its address and keeps its holder', async () => {
  const spec = { parentRef: { resource: 'services', namespace: 'n', name: 's' } };
  const refused = await api.send('POST', addresses, { metadata: { name: 'x' }, spec });
  assert.equal(refused.body.details.causes[0].field, 'metadata.name');
  assert.equal((await api.send('POST', addresses, { metadata: { name: '10.0.0.9' }, spec })).code, 201);
  const other = { spec: { parentRef: { name: 't' } } };
  const moved = await api.send('PATCH', `${addresses}/10.0.0.9`, other, merge);
  assert.equal(moved.body.details.causes[0].field, 'spec.parentRef');
});
