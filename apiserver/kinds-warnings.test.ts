import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiVersionOf, collectionPath, kinds } from '@skiff/api/kinds';
import { type Answered, TestServer } from './testing.ts';
import { least, names } from './testing-objects.ts';

const template = (spec: object): object => ({
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});
const selected = (spec: object): object => ({
  spec: { selector: { matchLabels: { a: 'b' } }, template: template(spec) },
});
const old = { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } };
const oldLabel = '[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead';
const once = { ...old, restartPolicy: 'Never' };
const many = { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 };
const manyIndexes =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
const annotated = (key: string): object => ({ metadata: { annotations: { [key]: 'true' } } });
const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1500m' } } };
const fraction = 'fractional byte value "1500m" is invalid, must be an integer';
const oldClass =
  'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead';
const terms = [{ matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] }];
const dotted =
  "which can result in surprising behavior; a DNS label is recommended: [a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name' or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')]";
const inHostnames = `metadata.name: this is used in Pod names and hostnames, ${dotted}`;
const named = { metadata: { name: 'a.b' } };

type Case = readonly [kind: string, object: object, ...warnings: string[]];
const cases: readonly Case[] = [
  ['Pod', named, `metadata.name: this is used in the Pod's hostname, ${dotted}`],
  ['Deployment', named, inHostnames],
  ['Deployment', selected(old), `spec.template.spec.nodeSelector${oldLabel}`],
  ['ReplicaSet', named, inHostnames],
  ['ReplicaSet', selected(old), `spec.template.spec.nodeSelector${oldLabel}`],
  ['ReplicationController', named, inHostnames],
  ['ReplicationController', { spec: { template: template(old) } }, `spec.template.spec.nodeSelector${oldLabel}`],
  ['DaemonSet', named],
  ['DaemonSet', selected(old), `spec.template.spec.nodeSelector${oldLabel}`],
  ['StatefulSet', selected(old), `spec.template.spec.nodeSelector${oldLabel}`],
  [
    'StatefulSet',
    { spec: { ...Object(selected({})).spec, volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: claim }] } },
    `spec.volumeClaimTemplates[0].resources.requests[storage]: ${fraction}`,
  ],
  ['PodTemplate', { template: template(old) }, `template.spec.nodeSelector${oldLabel}`],
  ['Job', named, inHostnames],
  [
    'Job',
    { spec: { template: template(once), ...many } },
    `spec: ${manyIndexes}`,
    `spec.template.spec.nodeSelector${oldLabel}`,
  ],
  ['CronJob', named, inHostnames],
  [
    'CronJob',
    { spec: { schedule: '@daily', jobTemplate: { spec: { template: template(once), ...many } } } },
    `spec.jobTemplate.spec: ${manyIndexes}`,
    `spec.jobTemplate.spec.template.spec.nodeSelector${oldLabel}`,
  ],
  [
    'Ingress',
    annotated('kubernetes.io/ingress.class'),
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ],
  [
    'StorageClass',
    { allowedTopologies: [{ matchLabelExpressions: [{ key: 'beta.kubernetes.io/os', values: ['linux'] }] }] },
    'allowedTopologies[0].matchLabelExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    'RuntimeClass',
    { scheduling: old },
    'scheduling.nodeSelector: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    'ServiceAccount',
    annotated('kubernetes.io/enforce-mountable-secrets'),
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  ],
  ['PersistentVolume', annotated('volume.beta.kubernetes.io/storage-class'), oldClass],
  [
    'PersistentVolume',
    annotated('volume.beta.kubernetes.io/mount-options'),
    'metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead',
  ],
  [
    'PersistentVolume',
    { spec: { ...volume, hostPath: { path: '/d' }, persistentVolumeReclaimPolicy: 'Recycle' } },
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
  ],
  [
    'PersistentVolume',
    { spec: { ...volume, hostPath: { path: '/d' }, nodeAffinity: { required: { nodeSelectorTerms: terms } } } },
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
  ],
  [
    'PersistentVolume',
    { spec: { ...volume, rbd: { monitors: ['m'], image: 'i' } } },
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ],
  ['PersistentVolumeClaim', annotated('volume.beta.kubernetes.io/storage-class'), oldClass],
  ['PersistentVolumeClaim', { spec: claim }, `spec.resources.requests[storage]: ${fraction}`],
  [
    'Node',
    { spec: { configSource: {}, externalID: 'e' } },
    'spec.configSource: the feature is removed',
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
  ],
  [
    'EndpointSlice',
    { addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] },
    'spec.addressType: FQDN endpoints are deprecated',
  ],
];

const said = ({ headers }: Answered): string[] =>
  [...String(headers['warning'] ?? '').matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text ?? ''),
  );

describe('what is accepted with warnings', () => {
  let api: TestServer;
  before(async () => {
    api = await TestServer.start();
    // Pods need one.
    await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  });
  after(() => api[Symbol.asyncDispose]());

  const pathOf = (name: string): readonly [path: string, object: object] => {
    const kind = kinds.find((one) => one.kind === name);
    assert.ok(kind, name);
    return [
      collectionPath(kind, 'default'),
      { apiVersion: apiVersionOf(kind), kind: name, metadata: { name: names[name] ?? 'x' }, ...least[name] },
    ];
  };

  for (const [index, [kind, object, ...warnings]] of cases.entries()) {
    it(`${kind} (${index})`, async () => {
      const [path, good] = pathOf(kind);
      const metadata = { name: 'x', ...Object(object).metadata };
      const answer = await api.send('POST', `${path}?dryRun=All`, { ...good, ...object, metadata });
      assert.equal(answer.code, 201, answer.text);
      assert.deepEqual(said(answer), warnings);
    });
  }

  it('warns again of a template only where the spec has changed', async () => {
    const [path, good] = pathOf('Deployment');
    await api.send('POST', path, { ...good, ...selected(old) });
    const patch = async (change: object): Promise<number> =>
      said(await api.send('PATCH', `${path}/x`, change, { 'content-type': 'application/merge-patch+json' })).length;
    assert.deepEqual(
      [await patch({ metadata: { labels: { c: 'd' } } }), await patch({ spec: { replicas: 2 } })],
      [0, 1],
    );
  });

  it('warns nobody who changes a Pod', async () => {
    const [path, good] = pathOf('Pod');
    const created = await api.send('POST', path, { ...good, spec: { ...Object(template(old)).spec } });
    const type = { 'content-type': 'application/merge-patch+json' };
    const changed = await api.send('PATCH', `${path}/x`, { spec: { activeDeadlineSeconds: 9 } }, type);
    assert.deepEqual([created.code, said(created).length, changed.code, said(changed)], [201, 1, 200, []]);
  });
});
