import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNamed } from '@skiff/api/kinds';
import { validateMetadata } from './metadata.ts';

test('a custom kind that is called as a built-in one has the rules of custom kinds', () => {
  const service = kindNamed('Service');
  const custom = { ...service, group: 'serving.example.com' };
  const metadata = { namespace: 'default', name: 'web' };
  const old = { apiVersion: 'v1', kind: 'Service', metadata };
  const object = { ...old, metadata: { ...metadata, labels: { 'no good': 'x' } } };
  const causes = (kind: typeof service): number => validateMetadata(kind, object, old, {}).length;
  assert.deepEqual([causes(service), causes(custom)], [4, 3]);
});
