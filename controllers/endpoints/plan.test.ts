import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Endpoints, Pod, Service } from '@skiff/api/types';
import { planEndpoints } from './plan.ts';

const service = (spec: Service['spec'] = { clusterIP: '10.96.0.9' }): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default', labels: { tier: 'web' } },
  spec: { ports: [{ port: 80 }], ...spec },
});

const pods = (count: number): Pod[] =>
  Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, uid: `p${i}` },
    spec: { containers: [] },
    status: { podIP: `10.244.${i >> 8}.${i & 255}`, conditions: [{ type: 'Ready', status: 'True' }] },
  }));

const plan = (given: Service, of: Pod[], current?: Endpoints): Endpoints | undefined =>
  planEndpoints(given, of, { current });

describe('the Endpoints of a Service', () => {
  it("carry the Service's labels and this controller's", () => {
    const labels = { tier: 'web', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
    assert.deepEqual(plan(service(), [])?.metadata.labels, labels);
    const headless = plan(service({ clusterIP: 'None' }), [])?.metadata.labels;
    assert.deepEqual(headless, { ...labels, 'service.kubernetes.io/headless': '' });
  });

  it('are written again only when something changed', () => {
    const current = plan(service(), pods(2));
    assert.equal(plan(service(), pods(2), current), undefined);
    assert.equal(plan(service(), pods(1), current)?.subsets?.[0]?.addresses?.length, 1);
    const empty = plan(service(), []);
    assert.ok(empty);
    const { subsets: _, ...asStored } = empty;
    assert.equal(plan(service(), [], asStored), undefined, 'the server leaves out what is empty');
  });

  it('say that they were cut at 1000 addresses, until they are short enough again', () => {
    const cut = plan(service(), pods(1001));
    assert.equal(cut?.subsets?.[0]?.addresses?.length, 1000);
    assert.equal(cut?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
    assert.deepEqual(plan(service(), pods(1000), cut)?.metadata.annotations, {});
  });
});
