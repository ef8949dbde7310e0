import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainProcessWarning } from './plain-process-warning.ts';
import type { Container, NodePod, PodSpec } from './types.ts';

const warn = (container: Partial<Container>, spec: Partial<PodSpec> = {}) =>
  plainProcessWarning({ spec } as NodePod, { name: 'main', ...container }); // only this is read

test('a plain process that lacks nothing is not warned of', () => {
  const token = { name: 'kube-api-access-x2x4z', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  assert.equal(warn({ volumeMounts: [token] }), undefined);
  assert.equal(warn({ securityContext: { capabilities: { drop: ['ALL'] }, runAsNonRoot: true } }), undefined);
});

test('what it lacks is said in one sentence', () => {
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  assert.equal(
    warn({ volumeMounts, securityContext: { readOnlyRootFilesystem: true, capabilities: { add: ['NET_ADMIN'] } } }),
    'Container main is a plain process of this machine, where namespaces are refused: only Node programs find /data; for others, ' +
      'paths in their commands and variables are turned into the real ones, and all is below the folder that SKIFF_ROOT names; its root is not read-only; it has not got the capabilities NET_ADMIN.',
  );
  assert.match(warn({ securityContext: { privileged: true } }) ?? '', /no more privileges than the user/);
  const volumes = [{ name: 'cache', emptyDir: { medium: 'Memory' } }];
  assert.match(warn({}, { volumes }) ?? '', /the volumes cache are on a disk/);
  assert.match(warn({}, { securityContext: { fsGroup: 2000 } }) ?? '', /no other groups/);
});
