import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { startCluster } from '../testing.ts';
import { holdings } from './leftovers.ts';

const labels = { app: 'web' };

test('on real nodes Pods are processes that Services reach, and nothing is left of them', async () => {
  const before = holdings();
  {
    await using cluster = await startCluster({ nodes: 2, realNodes: true });
    const { client } = cluster;
    const { items: nodes } = await client.resource('Node').list();
    assert.deepEqual(
      nodes.map(({ metadata }) => metadata.name),
      ['node1', 'node2'],
    );
    const container = { name: 'web', image: 'my-app-image', ports: [{ containerPort: 8080 }] };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    const web = { namespace: 'default', name: 'web' };
    await client.resource('Deployment').create({ metadata: web, spec });
    await client.resource('Service').create({
      metadata: web,
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 18080, targetPort: 8080 }] },
    });
    const address = await eventually(
      async () => {
        const { status } = await client.resource('Service').get(web);
        const [ingress] = status?.loadBalancer?.ingress ?? [];
        assert.ok(ingress?.ip);
        return ingress.ip;
      },
      { withinMs: 20_000 },
    );
    const answer = await eventually(async () => (await fetch(`http://${address}:18080/`)).text(), { withinMs: 20_000 });
    assert.match(answer, /^Hello from web-/);
    const node = cluster.nodes.get('node2');
    assert.ok(node);
    await node.stop();
    await node.start();
  }
  assert.deepEqual({ ...holdings(), resources: [] }, { ...before, resources: [] });
});
