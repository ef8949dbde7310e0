import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemaFor } from '@skiff/api/schema/schema';
import { threeWayPatch } from './three-way.ts';

const pod = (spec: object): Record<string, unknown> => ({ spec });

interface Case {
  readonly original?: object;
  readonly modified: object;
  readonly current: object;
  readonly patch: object;
}

const cases: Record<string, Case> = {
  'nothing, where the server has all that is asked for and more': {
    original: { containers: [{ name: 'a', image: 'x' }] },
    modified: { containers: [{ name: 'a', image: 'x' }] },
    current: { containers: [{ name: 'a', image: 'x', imagePullPolicy: 'Always' }], dnsPolicy: 'ClusterFirst' },
    patch: {},
  },
  'a changed field of one container, by its name': {
    original: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
    },
    modified: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'z' },
      ],
    },
    current: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
    },
    patch: {
      spec: { '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }], containers: [{ name: 'b', image: 'z' }] },
    },
  },
  'the end of a container that is asked for no longer, and not of one that others added': {
    original: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
    },
    modified: { containers: [{ name: 'a', image: 'x' }] },
    current: {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
        { name: 'injected', image: 'i' },
      ],
    },
    patch: { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ $patch: 'delete', name: 'b' }] } },
  },
  'null for a field that is asked for no longer': {
    original: { nodeName: 'n', hostname: 'h' },
    modified: { hostname: 'h' },
    current: { nodeName: 'n', hostname: 'h' },
    patch: { spec: { nodeName: null } },
  },
  'the whole of a list that does not merge': {
    original: { tolerations: [{ key: 'a' }] },
    modified: { tolerations: [{ key: 'b' }] },
    current: { tolerations: [{ key: 'a' }] },
    patch: { spec: { tolerations: [{ key: 'b' }] } },
  },
  'what a volume is to keep, where its kind changes': {
    original: { volumes: [{ name: 'v', emptyDir: {} }] },
    modified: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    current: { volumes: [{ name: 'v', emptyDir: {} }] },
    patch: {
      spec: {
        '$setElementOrder/volumes': [{ name: 'v' }],
        volumes: [{ $retainKeys: ['hostPath', 'name'], hostPath: { path: '/x' }, emptyDir: null, name: 'v' }],
      },
    },
  },
};

describe('a three-way patch holds', () => {
  for (const [name, { original, modified, current, patch }] of Object.entries(cases)) {
    it(name, () => {
      const versions = { original: original && pod(original), modified: pod(modified), current: pod(current) };
      assert.deepEqual(threeWayPatch(versions, schemaFor('V1Pod')), patch);
    });
  }

  it('whole lists, where there is no schema', () => {
    const versions = { original: { l: [1] }, modified: { l: [1, 2] }, current: { l: [1, 3], other: 1 } };
    assert.deepEqual(threeWayPatch(versions, undefined), { l: [1, 2] });
  });
});
