import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from '@skiff/api/human-duration';
import { kinds } from '@skiff/api/kinds';
import { formatSelector } from './format.ts';
import { printerFor } from './printers.ts';
import { toTable } from './table.ts';

const now = new Date('2026-01-01T00:10:00Z');
const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };

/** The cells of one object, in one line. */
function row(kind: string, fields: object): string {
  const object = {
    apiVersion: 'v1',
    kind,
    ...fields,
    metadata: { ...metadata, ...('metadata' in fields ? (fields.metadata as object) : {}) },
  };
  return (
    toTable(printerFor(kind), [object], { metadata: {}, include: 'None', version: 'v1', now }).rows[0]?.cells.join(
      '|',
    ) ?? ''
  );
}

test('every kind has a cell per column, also for an object with nothing in it', () => {
  for (const { kind } of kinds) {
    const object = {
      apiVersion: 'v1',
      kind,
      metadata,
      spec: { containers: [], template: {} },
      involvedObject: {},
      roleRef: {},
    };
    const { columns, cells } = printerFor(kind);
    // The age of an IPAddress has no column, as upstream.
    const more = kind === 'IPAddress' ? 1 : 0;
    assert.equal(cells(object, now).length, columns.length + more, kind);
  }
});

const waiting = (reason: string) => ({ name: 'c', restartCount: 0, ready: false, state: { waiting: { reason } } });
const running = {
  name: 'c',
  restartCount: 2,
  ready: true,
  state: { running: {} },
  lastState: { terminated: { finishedAt: '2026-01-01T00:05:00Z' } },
};
const spec = { containers: [{ name: 'c' }], nodeName: 'n' };
const rows: Record<string, [kind: string, fields: object, expected: string]> = {
  'a pending Pod': [
    'Pod',
    { spec: { containers: [{ name: 'c' }] }, status: { phase: 'Pending' } },
    'x|0/1|Pending|0|10m|<none>|<none>|<none>|<none>',
  ],
  'a running Pod with restarts': [
    'Pod',
    { spec, status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }], containerStatuses: [running] } },
    'x|1/1|Running|2 (5m ago)|10m|10.0.0.1|n|<none>|<none>',
  ],
  'a Pod whose container waits': [
    'Pod',
    { spec, status: { phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] } },
    'x|0/1|CrashLoopBackOff|0|10m|<none>|n|<none>|<none>',
  ],
  'a Pod that initializes': [
    'Pod',
    {
      spec: { ...spec, initContainers: [{ name: 'i' }] },
      status: { phase: 'Pending', initContainerStatuses: [waiting('PodInitializing')] },
    },
    'x|0/1|Init:0/1|0|10m|<none>|n|<none>|<none>',
  ],
  'a Pod that ends': [
    'Pod',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:10:00Z' },
      spec,
      status: { phase: 'Running', containerStatuses: [running] },
    },
    'x|1/1|Terminating|2 (5m ago)|10m|<none>|n|<none>|<none>',
  ],
  'a Service that waits for its address': [
    'Service',
    {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.96.0.9'],
        ports: [{ port: 80, nodePort: 30001, protocol: 'TCP' }],
        selector: { a: 'b' },
      },
    },
    'x|LoadBalancer|10.96.0.9|<pending>|80:30001/TCP|10m|a=b',
  ],
  'Endpoints beyond three': [
    'Endpoints',
    { subsets: [{ addresses: [1, 2, 3, 4].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] },
    'x|10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...|10m',
  ],
  'a slice without anything': [
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: null, ports: null },
    'x|IPv4|<unset>|<unset>|10m',
  ],
  'a cordoned Node': [
    'Node',
    {
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1' } },
    },
    'x|Ready,SchedulingDisabled|<none>|10m|v1|<none>|<none>|<unknown>|<unknown>|<unknown>',
  ],
  'a Deployment': [
    'Deployment',
    {
      spec: {
        replicas: 3,
        selector: { matchLabels: { a: 'b' } },
        template: { spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
      status: { readyReplicas: 1 },
    },
    'x|1/3|0|0|10m|c|i|a=b',
  ],
};
for (const [what, [kind, fields, expected]] of Object.entries(rows)) {
  test(`the table shows ${what}`, () => assert.equal(row(kind, fields), expected));
}

test('ages read as kubectl writes them', () => {
  const second = 1000;
  const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second];
  const ages = [
    -5 * second,
    0,
    119 * second,
    2 * minute,
    200 * second,
    179 * minute,
    3 * hour,
    5 * hour + minute,
    47 * hour,
    49 * hour,
    9 * day,
    800 * day,
  ];
  assert.equal(ages.map(humanDuration).join(' '), '<invalid> 0s 119s 2m 3m20s 179m 3h 5h1m 47h 2d1h 9d 2y70d');
});

test('selectors read as kubectl writes them', () => {
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['b', 'a'] },
    { key: 'old', operator: 'DoesNotExist' },
  ];
  assert.equal(formatSelector({ matchLabels: { app: 'x' }, matchExpressions }), 'app=x,!old,tier in (a,b)');
});
