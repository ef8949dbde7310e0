import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiVersionOf, collectionPath, kinds } from '@skiff/api/kinds';
import { TestServer } from './testing.ts';
import { least, names } from './testing-objects.ts';

/** A merge patch to the least object of a kind, and what is said against it; what it leads to, where nothing is. */
type Change = readonly [patch: object, fault: string | { readonly generation: number | undefined }];

const taken = (generation?: number): { readonly generation: number | undefined } => ({ generation });
const spec = (fields: object): object => ({ spec: fields });
const other = { matchLabels: { a: 'c' } };
const image = { containers: [{ name: 'c', image: 'j' }] };

const changes: Readonly<Record<string, readonly Change[]>> = {
  StatefulSet: [
    [spec({ replicas: 3 }), taken(2)],
    [spec({ template: { spec: image } }), taken(2)],
    [{ metadata: { labels: { l: 'v' } } }, taken(1)],
    [
      spec({ serviceName: 't' }),
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [spec({ podManagementPolicy: 'Parallel' }), 'spec: Forbidden: updates to statefulset spec'],
  ],
  DaemonSet: [
    [spec({ template: { spec: image } }), taken(2)],
    [spec({ minReadySeconds: 1 }), taken(2)],
    [
      spec({ selector: other, template: { metadata: { labels: { a: 'c' } } } }),
      'spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
    ],
  ],
  ReplicationController: [
    [spec({ replicas: 3 }), taken(2)],
    [spec({ selector: { a: 'c' }, template: { metadata: { labels: { a: 'c' } } } }), taken(2)],
  ],
  Job: [
    [spec({ parallelism: 3 }), taken(2)],
    [spec({ suspend: true }), taken(2)],
    [spec({ completions: 3 }), 'spec.completions: Invalid value: 3: field is immutable'],
    [spec({ completionMode: 'Indexed' }), 'spec.completionMode: Invalid value: "Indexed": field is immutable'],
    [spec({ template: { spec: image } }), 'field is immutable'],
    [spec({ managedBy: 'e.com/c' }), 'spec.managedBy: Invalid value: "e.com/c": field is immutable'],
  ],
  CronJob: [
    [spec({ suspend: true }), taken(2)],
    [spec({ schedule: '@hourly' }), taken(2)],
    [spec({ jobTemplate: { spec: { completions: 3 } } }), taken(2)],
  ],
  ControllerRevision: [
    [{ revision: 2 }, taken()],
    [{ data: { a: 1 } }, 'data: Invalid value: {"a":1}: field is immutable'],
  ],
  HorizontalPodAutoscaler: [[spec({ maxReplicas: 5 }), taken()]],
  PodDisruptionBudget: [[spec({ minAvailable: 2 }), taken(2)]],
  Ingress: [[spec({ ingressClassName: 'nginx' }), taken(2)]],
  IngressClass: [
    [spec({ parameters: { kind: 'K', name: 'n' } }), taken(2)],
    [spec({ controller: 'e.com/d' }), 'spec.controller: Invalid value: "e.com/d": field is immutable'],
  ],
  NetworkPolicy: [[spec({ podSelector: { matchLabels: { a: 'b' } } }), taken(2)]],
  ServiceCIDR: [
    [spec({ cidrs: ['10.97.0.0/16', '2001:db8::/64'] }), taken()],
    [spec({ cidrs: ['10.98.0.0/16'] }), 'spec.cidrs[0]: Invalid value: "10.98.0.0/16": field is immutable'],
  ],
  IPAddress: [[spec({ parentRef: { name: 't' } }), 'spec.parentRef: Invalid value']],
  ResourceQuota: [
    [spec({ hard: { pods: '3' } }), taken()],
    [spec({ scopes: ['BestEffort'] }), 'spec.scopes: Invalid value: ["BestEffort"]: field is immutable'],
  ],
  LimitRange: [[spec({ limits: [{ type: 'Pod' }] }), taken()]],
  PersistentVolume: [
    [spec({ persistentVolumeReclaimPolicy: 'Delete' }), taken()],
    [
      spec({ hostPath: { path: '/e' } }),
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    ],
    [spec({ volumeMode: 'Block' }), 'volumeMode: Invalid value: "Block": field is immutable'],
    [spec({ persistentVolumeReclaimPolicy: 'Keep' }), 'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep"'],
  ],
  PersistentVolumeClaim: [
    [{ metadata: { labels: { l: 'v' } } }, taken()],
    [
      spec({ accessModes: ['ReadWriteMany'] }),
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ],
    [spec({ volumeMode: 'Block' }), 'volumeMode: Invalid value: "Block": field is immutable'],
    [
      { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'c' } } },
      'metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "c": field is immutable',
    ],
    // A claim without a volume cannot grow, which is a rule before it is a matter of classes.
    [spec({ resources: { requests: { storage: '9Gi' } } }), 'spec: Forbidden: spec is immutable after creation'],
  ],
  StorageClass: [
    [{ allowVolumeExpansion: true }, taken()],
    [{ provisioner: 'q' }, 'provisioner: Forbidden: updates to provisioner are forbidden.'],
    [{ parameters: { a: 'b' } }, 'parameters: Forbidden: updates to parameters are forbidden.'],
    [{ reclaimPolicy: 'Retain' }, 'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.'],
    [
      { volumeBindingMode: 'WaitForFirstConsumer' },
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ],
  ],
  CSIStorageCapacity: [
    [{ capacity: '1Gi' }, taken()],
    [{ storageClassName: 't' }, 'storageClassName: Invalid value: "t": field is immutable'],
  ],
  VolumeAttachment: [[spec({ nodeName: 'm' }), 'field is immutable']],
  VolumeAttributesClass: [
    [{ driverName: 'e' }, 'driverName: Invalid value: "e": field is immutable'],
    [{ parameters: { a: 'c' } }, 'parameters: Invalid value: {"a":"c"}: field is immutable'],
  ],
  PriorityClass: [
    [{ globalDefault: false, description: 'D' }, taken(1)],
    [{ value: 2 }, 'value: Forbidden: may not be changed in an update.'],
    [{ preemptionPolicy: 'Never' }, 'preemptionPolicy: Invalid value: "Never": field is immutable'],
  ],
  RuntimeClass: [[{ handler: 'i' }, 'handler: Invalid value: "i": field is immutable']],
};

const merge = { 'content-type': 'application/merge-patch+json' };

describe('what a change of an object may be', () => {
  let api: TestServer;
  before(async () => {
    api = await TestServer.start();
  });
  after(() => api[Symbol.asyncDispose]());

  for (const [name, ofKind] of Object.entries(changes)) {
    it(name, async () => {
      const kind = kinds.find((one) => one.kind === name);
      assert.ok(kind, name);
      const called = names[name] ?? 'x';
      const path = collectionPath(kind, 'default');
      const object = { apiVersion: apiVersionOf(kind), kind: name, metadata: { name: called }, ...least[name] };
      const made = await api.send('POST', path, object);
      assert.equal(made.code, 201, made.text);
      for (const [patch, outcome] of ofKind) {
        const { code, text, body } = await api.send('PATCH', `${path}/${called}?dryRun=All`, patch, merge);
        const said = JSON.stringify(patch);
        if (typeof outcome === 'string') {
          assert.equal(code, 422, `${said}: ${text}`);
          assert.ok(body.message.includes(outcome), `${body.message}\n does not say\n ${outcome}`);
        } else {
          assert.equal(code, 200, `${said}: ${text}`);
          assert.equal(body.metadata.generation, outcome.generation, said);
        }
      }
    });
  }

  it('nobody but who writes the status changes it', async () => {
    for (const kind of kinds.filter(({ subresources }) => subresources.some(({ name }) => name === 'status'))) {
      const { kind: name } = kind;
      // Nodes and Namespaces, and what counts itself, have a status of their own from the start.
      if (!changes[name]) continue;
      const path = `${collectionPath(kind, 'default')}/${names[name] ?? 'x'}`;
      const { body: was } = await api.send('GET', path);
      const status = { ...was.status, observedGeneration: 7, conditions: [] };
      const { body } = await api.send('PATCH', path, { status }, merge);
      assert.deepEqual(body.status, was.status, name);
      const labels = { by: 'status' };
      const { body: after } = await api.send('PATCH', `${path}/status`, { spec: null, metadata: { labels } }, merge);
      assert.deepEqual(after.spec, was.spec, name);
    }
  });
});
