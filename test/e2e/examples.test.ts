import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { applyManifest, untilAvailable } from '@skiff/cluster/supervisor/apply-manifest';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { inPod } from './in-pod.ts';
import { greet, seen } from './requests.ts';
import { allSurroundings, nameOf } from './surroundings.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');
const fromPod = 'curl --silent --show-error --fail --max-time 5 --header "accept: application/json"';

/** What each example promises. Each is given a cluster where its manifest was applied and its Deployments are available. */
const promises: Record<string, (client: Client) => Promise<void>> = {
  'quick-start.yaml': async () => {
    const url = 'http://127.0.0.1:30007';
    await eventually(async () => assert.deepEqual(await seen(url, 'node', 40), ['node1', 'node2', 'node3']));
  },

  'cluster-ip.yaml': async (client) => {
    const service = await client.resource('Service').get({ namespace: 'default', name: 'hello' });
    for (const address of [String(service.spec?.clusterIP), 'hello'])
      await eventually(async () => {
        const answers = await inPod(client, `for i in $(seq 40); do ${fromPod} http://${address}; done`);
        const lines = answers.trim().split('\n');
        const nodes = new Set(lines.map((line) => JSON.parse(line).node));
        assert.deepEqual([...nodes].sort(), ['node1', 'node2', 'node3'], address);
      });
  },

  'node-port.yaml': async (client) => {
    await eventually(async () => assert.equal((await seen('http://127.0.0.1:30080', 'pod', 40)).length, 2));
    // On every node, also one without a Pod of the Service.
    for (const address of ['172.18.0.2', '172.18.0.3', '172.18.0.4'])
      await inPod(client, `${fromPod} http://${address}:30080`);
  },

  'load-balancer.yaml': async (client) => {
    const url = await externalUrl(client, 'storefront');
    await eventually(async () => assert.equal((await seen(url, 'pod', 40)).length, 3));
  },

  'session-affinity.yaml': async (client) => {
    const ask = `for i in $(seq 10); do ${fromPod} http://cart; done`;
    const answers = (await inPod(client, ask)).trim().split('\n');
    assert.equal(answers.length, 10);
    assert.equal(new Set(answers.map((line) => JSON.parse(line).pod)).size, 1);
  },

  'external-traffic-local.yaml': async (client) => {
    const url = await externalUrl(client, 'gatehouse');
    const { node } = await eventually(() => greet(url));
    const { items } = await client.resource('Pod').list({ namespace: 'default', labelSelector: 'app=gatehouse' });
    assert.deepEqual(
      items.map((pod) => pod.spec?.nodeName),
      [node],
    );
  },

  'discovery.yaml': async (client) => {
    const conf = await inPod(client, 'cat /etc/resolv.conf');
    assert.match(conf, /^nameserver 10\.96\.0\.10$/m);
    assert.match(conf, /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
    for (const name of ['pepper', 'pepper.default', 'pepper.default.svc', 'pepper.default.svc.cluster.local'])
      assert.match(await inPod(client, `${fromPod} http://${name}`), /"pod":"pepper-/, name);
  },

  'namespaces.yaml': async (client) => {
    const ask = (url: string, namespace: string): Promise<string> =>
      inPod(client, `${fromPod} ${url}`, { namespace }).then((answer) => JSON.parse(answer).namespace);
    assert.equal(await ask('http://api', 'staging'), 'staging');
    assert.equal(await ask('http://api', 'live'), 'live');
    assert.equal(await ask('http://api.live', 'staging'), 'live');
    assert.equal(await ask('http://api.staging.svc.cluster.local', 'live'), 'staging');
    await assert.rejects(inPod(client, `${fromPod} http://api.default.svc.cluster.local.`), /Could not resolve host/);
  },

  'labels.yaml': async (client) => {
    const pods = client.resource('Pod');
    await endpointsAre(client, 'blue-live', ['blue-exact', 'blue-more']);
    const key = { namespace: 'default', name: 'blue-draft' };
    await pods.patch(key, { metadata: { labels: { stage: 'live' } } });
    await endpointsAre(client, 'blue-live', ['blue-draft', 'blue-exact', 'blue-more']);
    await pods.patch({ ...key, name: 'blue-exact' }, { metadata: { labels: { team: null } } });
    await endpointsAre(client, 'blue-live', ['blue-draft', 'blue-more']);
  },
};

for (const surroundings of allSurroundings) {
  suite(`the examples, for ${nameOf(surroundings)}`, () => {
    let cluster: ClusterUnderTest;
    let client: Client;

    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings);
      client = cluster.client();
    });

    after(async () => {
      client.close();
      await cluster[Symbol.asyncDispose]();
    });

    test('all have a promise that is tested', () => {
      const files = readdirSync(examples).filter((name) => name.endsWith('.yaml'));
      assert.deepEqual(files.sort(), Object.keys(promises).sort());
    });

    for (const [file, kept] of Object.entries(promises)) {
      test(`${file} does what it says`, async () => {
        await untilAvailable(client, await applyManifest(client, join(examples, file)));
        await kept(client);
      });
    }
  });
}

async function externalUrl(client: Client, name: string): Promise<string> {
  return eventually(async () => {
    const { status } = await client.resource('Service').get({ namespace: 'default', name });
    const ingress = status?.loadBalancer?.ingress?.[0];
    assert.ok(ingress?.ip, `Service ${name} has no address: ${JSON.stringify(status)}`);
    if (ingress.ports?.[0]?.error === undefined) return `http://${ingress.ip}`;
    // An ordinary user may not open low ports everywhere; an Event then says where it is open.
    const { items } = await client.resource('Event').list({ namespace: 'default' });
    const moved = items.filter(({ involvedObject, type }) => involvedObject?.name === name && type === 'Warning');
    const port = moved.map(({ message }) => / use [\d.]+:(\d+) instead/.exec(message ?? '')?.[1]).find(Boolean);
    assert.ok(port, `no Event says which port ${name} has: ${JSON.stringify(moved.map(({ message }) => message))}`);
    return `http://${ingress.ip}:${port}`;
  });
}

function endpointsAre(client: Client, service: string, pods: readonly string[]): Promise<void> {
  return eventually(async () => {
    const { items } = await client
      .resource('EndpointSlice')
      .list({ namespace: 'default', labelSelector: `kubernetes.io/service-name=${service}` });
    const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready);
    assert.deepEqual(ready.map(({ targetRef }) => targetRef?.name).sort(), pods);
  });
}
