import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../testing.ts';

const boats = {
  metadata: { name: 'boats.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { length: { type: 'integer' } } } },
      },
    ],
  },
};

test('a cluster that is given definitions serves what they define as soon as it has started', async () => {
  await using cluster = await startCluster({ nodes: 0, crds: [boats] });
  const path = '/apis/example.com/v1/namespaces/default/boats';
  const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'skiff' } };
  await cluster.client.request({ method: 'POST', path, body: { ...boat, length: 5 } });
  await assert.rejects(
    cluster.client.request({ method: 'POST', path, body: { ...boat, metadata: { name: 'barge' }, length: 'long' } }),
    { code: 422 },
  );
});

test('a definition that the server refuses ends the start with its reason', async () => {
  const wrong = { ...boats, metadata: { name: 'ships.example.com' } };
  await assert.rejects(startCluster({ nodes: 0, crds: [wrong] }), /metadata.name/);
});
