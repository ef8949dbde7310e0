import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import { beyondHistory, currentSetAnnotations } from './revisions.ts';
import { sameTemplate, templateHash, withHash } from './template.ts';

const template = (image: string) => ({
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image, resources: {} }] },
});

const deployment = (annotations: Record<string, string> = {}): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', annotations },
  spec: { selector: {}, template: template('img'), revisionHistoryLimit: 1 },
});

const set = (revision: number, replicas = 0): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `d-${revision}`,
    generation: 1,
    annotations: { 'deployment.kubernetes.io/revision': String(revision) },
  },
  spec: { replicas, selector: {} },
  status: { replicas, observedGeneration: 1 },
});

describe('templates', () => {
  it('are the same whatever their hash label, and whatever is empty in them', () => {
    assert.ok(sameTemplate(withHash(template('img'), 'x'), template('img')));
    assert.ok(
      sameTemplate({ ...template('img'), metadata: { labels: { app: 'a' }, annotations: {} } }, template('img')),
    );
    assert.ok(!sameTemplate(template('other'), template('img')));
  });

  it('have a stable name of safe letters, and another one after a collision', () => {
    const hash = templateHash(template('img'));
    assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
    assert.equal(templateHash(structuredClone(template('img'))), hash);
    assert.notEqual(templateHash(template('img'), 1), hash);
    assert.notEqual(templateHash(template('other')), hash);
  });
});

describe('the history of a Deployment', () => {
  it('starts at revision 1 and goes on after the newest old set', () => {
    assert.equal(currentSetAnnotations(deployment(), undefined, [])['deployment.kubernetes.io/revision'], '1');
    const next = currentSetAnnotations(deployment(), undefined, [set(9), set(10)]);
    assert.equal(next['deployment.kubernetes.io/revision'], '11');
  });

  it('remembers the revisions that a set had before a rollback to it', () => {
    const annotations = currentSetAnnotations(deployment(), set(1), [set(2)]);
    assert.equal(annotations['deployment.kubernetes.io/revision'], '3');
    assert.equal(annotations['deployment.kubernetes.io/revision-history'], '1');
  });

  it('hands down the change cause and not what kubectl applied', () => {
    const given = { 'kubernetes.io/change-cause': 'why', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const annotations = currentSetAnnotations(deployment(given), set(1), []);
    assert.deepEqual(annotations, { 'deployment.kubernetes.io/revision': '1', 'kubernetes.io/change-cause': 'why' });
  });

  it('is cut to its limit from the oldest on, but for sets with Pods', () => {
    assert.deepEqual(
      beyondHistory(deployment(), [set(3), set(1), set(2, 1)]).map((old) => old.metadata.name),
      ['d-1'],
    );
  });
});
