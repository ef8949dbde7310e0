import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printerFor } from './printers.ts';
import { toTable } from './table.ts';

const now = new Date('2026-01-01T00:10:00Z');
const metadata = { name: 'x', namespace: 'n', creationTimestamp: '2026-01-01T00:00:00Z' };
const row = (kind: string, fields: object): string => {
  const object = { apiVersion: 'v1', kind, metadata, ...fields };
  return (
    toTable(printerFor(kind), [object], { metadata: {}, include: 'None', version: 'v1', now }).rows[0]?.cells.join(
      '|',
    ) ?? ''
  );
};
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const selector = { matchLabels: { a: 'b' } };
const finished = (type: string) => ({ conditions: [{ type, status: 'True' }] });

const rows: readonly (readonly [string, object, string])[] = [
  ['StatefulSet', { spec: { replicas: 2, template }, status: { readyReplicas: 1 } }, 'x|1/2|10m|c|i'],
  [
    'DaemonSet',
    { spec: { selector, template }, status: { desiredNumberScheduled: 3 } },
    'x|3|0|0|0|0|<none>|10m|c|i|a=b',
  ],
  ['ReplicationController', { spec: { replicas: 1, selector: { a: 'b' }, template } }, 'x|1|0|0|10m|c|i|a=b'],
  ['Job', { spec: { completions: 3, selector, template } }, 'x|Running|0/3||10m|c|i|a=b'],
  ['Job', { spec: { parallelism: 2, selector, template } }, 'x|Running|0/1 of 2||10m|c|i|a=b'],
  [
    'Job',
    {
      spec: { completions: 1, selector, template },
      status: {
        ...finished('Complete'),
        succeeded: 1,
        startTime: '2026-01-01T00:00:05Z',
        completionTime: '2026-01-01T00:00:12Z',
      },
    },
    'x|Complete|1/1|7s|10m|c|i|a=b',
  ],
  [
    'Job',
    { spec: { completions: 1, selector, template }, status: finished('SuccessCriteriaMet') },
    'x|SuccessCriteriaMet|0/1||10m|c|i|a=b',
  ],
  ['Job', { spec: { completions: 1, selector, template }, status: finished('Failed') }, 'x|Failed|0/1||10m|c|i|a=b'],
  [
    'Job',
    { spec: { completions: 1, selector, template }, status: finished('Suspended') },
    'x|Suspended|0/1||10m|c|i|a=b',
  ],
  [
    'CronJob',
    {
      spec: { schedule: '@daily', suspend: false, timeZone: 'UTC', jobTemplate: { spec: { template } } },
      status: { active: [{}], lastScheduleTime: '2026-01-01T00:09:00Z' },
    },
    'x|@daily|UTC|False|1|60s|10m|c|i|<none>',
  ],
  [
    'ControllerRevision',
    {
      metadata: {
        ...metadata,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', controller: true }],
      },
      revision: 4,
    },
    'x|statefulset.apps/s|4|10m',
  ],
  ['PodTemplate', { template }, 'x|c|i|a=b'],
  [
    'HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
    },
    'x|Deployment/d|cpu: <unknown>/80%|1|5|0|10m',
  ],
  [
    'HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '5' } } },
          { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '5' } } },
        ],
      },
      status: {
        currentReplicas: 2,
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '1m' } } },
          { type: 'Pods', pods: { metric: { name: 'm' }, current: { averageValue: '4' } } },
        ],
      },
    },
    'x|Deployment/d|cpu: 40%/80%, 4/5 + 1 more...|<unset>|5|2|10m',
  ],
  ['PodDisruptionBudget', { spec: { minAvailable: '50%' }, status: { disruptionsAllowed: 1 } }, 'x|50%|N/A|1|10m'],
  [
    'ResourceQuota',
    { status: { hard: { pods: '3', 'limits.cpu': '2' }, used: { pods: '1', 'limits.cpu': '500m' } } },
    'x|pods: 1/3|limits.cpu: 500m/2|10m',
  ],
  ['PriorityClass', { value: 7, preemptionPolicy: 'Never' }, 'x|7|false|10m|Never'],
  ['RuntimeClass', { handler: 'h' }, 'x|h|10m'],
  [
    'Ingress',
    {
      spec: { ingressClassName: 'k', rules: [{ host: 'a.example' }, { host: 'b.example' }], tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
    },
    'x|k|a.example,b.example|10.0.0.1|80, 443|10m',
  ],
  [
    'Ingress',
    { spec: { rules: [{ host: 'a' }, {}, { host: 'b' }, { host: 'c' }, {}] } },
    'x|<none>|a,b,c + 2 more...||80|10m',
  ],
  ['Ingress', { spec: { defaultBackend: {} } }, 'x|<none>|*||80|10m'],
  [
    'IngressClass',
    { spec: { controller: 'e.com/c', parameters: { apiGroup: 'g.io', kind: 'P', name: 'p' } } },
    'x|e.com/c|P.g.io/p|10m',
  ],
  ['NetworkPolicy', { spec: { podSelector: {} } }, 'x|<none>|10m'],
  ['ServiceCIDR', { spec: { cidrs: ['10.0.0.0/8', 'fd00::/64'] } }, 'x|10.0.0.0/8,fd00::/64|10m'],
  ['IPAddress', { spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } } }, 'x|services/n/s|10m'],
  [
    'PersistentVolume',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace: 'n', name: 'c' },
      },
      status: { phase: 'Bound' },
    },
    'x|1Gi|RWO,RWX|Retain|Bound|n/c||<unset>||10m|<unset>',
  ],
  [
    'PersistentVolumeClaim',
    { spec: { storageClassName: 's', volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
    'x|Pending||||s|<unset>|10m|Filesystem',
  ],
  [
    'StorageClass',
    {
      metadata: { ...metadata, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'p',
    },
    'x (default)|p|Delete|Immediate|false|10m',
  ],
  ['CSIDriver', { spec: { volumeLifecycleModes: ['Persistent'] } }, 'x|true|false|false|<unset>|false|Persistent|10m'],
  ['CSINode', { spec: { drivers: [{}, {}] } }, 'x|2|10m'],
  ['CSIStorageCapacity', { storageClassName: 's' }, 'x|s|<unset>'],
  ['VolumeAttachment', { spec: { attacher: 'a', source: {}, nodeName: 'n' } }, 'x|a||n|false|10m'],
  ['VolumeAttributesClass', { driverName: 'd' }, 'x|d|10m'],
];
for (const [kind, fields, expected] of rows) {
  test(`the table of ${kind} shows ${expected}`, () => assert.equal(row(kind, fields), expected));
}
