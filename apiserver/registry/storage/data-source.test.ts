import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim } from '@skiff/api/types';
import { validateClaimSpec } from '../pod-template/claim-template-validation.ts';
import { alignDataSources } from './data-source.ts';

type Spec = NonNullable<PersistentVolumeClaim['spec']>;

const claim = { kind: 'PersistentVolumeClaim', name: 'a' };
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' };
const populator = { apiGroup: 'example.com', kind: 'Image', name: 'a' };

const cases: Record<string, { given: Spec; old?: Spec; becomes: Spec }> = {
  'nothing stays nothing': { given: {}, becomes: {} },
  'a claim is in both': { given: { dataSource: claim }, becomes: { dataSource: claim, dataSourceRef: claim } },
  'a snapshot is in both': {
    given: { dataSource: snapshot },
    becomes: { dataSource: snapshot, dataSourceRef: snapshot },
  },
  'a reference is in both': {
    given: { dataSourceRef: populator },
    becomes: { dataSource: populator, dataSourceRef: populator },
  },
  'what the old field never took is dropped': { given: { dataSource: populator }, becomes: {} },
  'what was there before stays for clients that know the old field alone': {
    given: { dataSource: populator },
    old: { dataSource: populator, dataSourceRef: populator },
    becomes: { dataSource: populator, dataSourceRef: populator },
  },
  'a reference into another namespace is dropped': {
    given: { dataSourceRef: { ...claim, namespace: 'other' } },
    becomes: {},
  },
  'two that differ are for validation to refuse': {
    given: { dataSource: claim, dataSourceRef: snapshot },
    becomes: { dataSource: claim, dataSourceRef: snapshot },
  },
};
for (const [what, { given, old, becomes }] of Object.entries(cases)) {
  test(`data sources of a claim: ${what}`, () => {
    const spec = structuredClone(given);
    alignDataSources(spec, old);
    assert.deepEqual(spec, becomes);
  });
}

test('data sources of a claim that differ are refused', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const causesOf = (sources: Spec): unknown[] =>
    validateClaimSpec({ ...spec, ...sources }, 'spec').map(({ field }) => field);
  assert.deepEqual(causesOf({ dataSource: claim, dataSourceRef: claim }), []);
  assert.deepEqual(causesOf({ dataSource: claim, dataSourceRef: snapshot }), ['spec']);
});
