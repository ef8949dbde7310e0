import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiVersionOf, collectionPath, kinds } from '@skiff/api/kinds';
import { TestServer } from './testing.ts';
import { least, names } from './testing-objects.ts';

/** A field, a value of it that is accepted, one that is not, and the field at fault with (part of) what is said. */
type Rule = readonly [field: string, accepted: unknown, refused: unknown, fault: string];
/** In place of a value: the field is left out. */
const absent = undefined;

const count = (field: string, accepted = 1): Rule => [
  field,
  accepted,
  -1,
  `${field}: Invalid value: -1: must be greater than or equal to 0`,
];
const label = { matchLabels: { a: 'b' } };
const badLabel = { matchLabels: { a: '-b' } };
const onCodes = (values: readonly number[]): object => ({ operator: 'In', values });
const failure = (rule: object): object => ({ rules: [rule] });
const metric = (type: string, target: object): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type, ...target } },
});
const path = (fields: object): object => ({
  host: 'e.com',
  http: {
    paths: [{ pathType: 'Prefix', path: '/a', backend: { service: { name: 's', port: { number: 80 } } }, ...fields }],
  },
});
const topology = (key: string, values: readonly string[]): object => ({ matchLabelExpressions: [{ key, values }] });
const limit = (fields: object): object[] => [{ type: 'Container', ...fields }];
const requirement = (scopeName: string, operator: string, values?: readonly string[]): object => ({
  matchExpressions: [{ scopeName, operator, values }],
});
const parameters = (fields: object): object => ({ kind: 'K', name: 'n', ...fields });
const port = (fields: object): object[] => [{ ports: [fields] }];
const block = (cidr: string, except: readonly string[] = []): object[] => [{ to: [{ ipBlock: { cidr, except } }] }];

const rules: Readonly<Record<string, readonly Rule[]>> = {
  StatefulSet: [
    count('spec.replicas'),
    count('spec.minReadySeconds'),
    count('spec.revisionHistoryLimit'),
    count('spec.ordinals.start'),
    [
      'spec.podManagementPolicy',
      'Parallel',
      'Any',
      "spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'",
    ],
    ['spec.updateStrategy', { type: 'OnDelete' }, { type: 'Recreate' }, "must be 'RollingUpdate' or 'OnDelete'"],
    [
      'spec.updateStrategy',
      { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
      { type: 'OnDelete', rollingUpdate: { partition: 1 } },
      'spec.updateStrategy.rollingUpdate: Invalid value',
    ],
    count('spec.updateStrategy.rollingUpdate.partition'),
    [
      'spec.persistentVolumeClaimRetentionPolicy',
      { whenDeleted: 'Delete', whenScaled: 'Retain' },
      { whenDeleted: 'Never', whenScaled: 'Retain' },
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Never"',
    ],
    ['spec.serviceName', 'svc', 'A_', 'spec.serviceName: Invalid value: "A_"'],
    [
      'spec.selector',
      label,
      { matchLabels: { a: 'c' } },
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ],
    ['spec.selector', label, {}, 'empty selector is invalid for statefulset'],
    [
      'spec.template.spec.restartPolicy',
      'Always',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      'spec.volumeClaimTemplates',
      [
        {
          metadata: { name: 'd' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
      [{ metadata: { name: 'd' }, spec: { resources: { requests: { storage: '1Gi' } } } }],
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value',
    ],
  ],
  DaemonSet: [
    count('spec.minReadySeconds'),
    count('spec.revisionHistoryLimit'),
    ['spec.selector', label, { matchLabels: { a: 'c' } }, 'spec.template.metadata.labels: Invalid value'],
    ['spec.selector', label, {}, 'empty selector is invalid for daemonset'],
    ['spec.updateStrategy', { type: 'OnDelete' }, { type: 'X' }, 'spec.updateStrategy: Unsupported value'],
    [
      'spec.updateStrategy.rollingUpdate',
      { maxUnavailable: '10%' },
      { maxUnavailable: 0, maxSurge: 0 },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
    [
      'spec.updateStrategy.rollingUpdate',
      { maxUnavailable: 0, maxSurge: 1 },
      { maxUnavailable: 1, maxSurge: 1 },
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
    [
      'spec.updateStrategy.rollingUpdate',
      { maxUnavailable: '100%' },
      { maxUnavailable: '101%' },
      'must not be greater than 100%',
    ],
    [
      'spec.template.spec.restartPolicy',
      'Always',
      'OnFailure',
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure"',
    ],
    ['spec.template.spec.activeDeadlineSeconds', absent, 5, 'spec.template.spec.activeDeadlineSeconds: Forbidden'],
  ],
  Job: [
    count('spec.parallelism'),
    count('spec.completions'),
    count('spec.backoffLimit'),
    count('spec.activeDeadlineSeconds'),
    count('spec.ttlSecondsAfterFinished'),
    ['spec.completionMode', 'NonIndexed', 'Other', 'spec.completionMode: Unsupported value: "Other"'],
    [
      'spec',
      { completionMode: 'Indexed', completions: 2 },
      { completionMode: 'Indexed', parallelism: 1 },
      'spec.completions: Required value: when completion mode is Indexed',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 2, parallelism: 100_000 },
      { completionMode: 'Indexed', completions: 2, parallelism: 100_001 },
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1 },
      { backoffLimitPerIndex: 1 },
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 2 },
      { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 3 },
      'spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 2 },
      { completionMode: 'Indexed', completions: 2, maxFailedIndexes: 1 },
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
    ],
    ['spec.managedBy', 'e.com/c', 'c', 'spec.managedBy: Invalid value: "c"'],
    [
      'spec.template.spec.restartPolicy',
      'OnFailure',
      'Always',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    ['spec.podReplacementPolicy', 'Failed', 'Never', 'spec.podReplacementPolicy: Unsupported value: "Never"'],
    [
      'spec.podFailurePolicy',
      failure({ action: 'FailJob', onExitCodes: onCodes([1, 2]) }),
      failure({ action: 'Retry', onExitCodes: onCodes([1]) }),
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "Retry"',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Count', onExitCodes: { operator: 'NotIn', values: [0] } }),
      failure({ action: 'Count', onExitCodes: onCodes([0]) }),
      'spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Ignore', onExitCodes: onCodes([1]) }),
      failure({ action: 'Ignore', onExitCodes: onCodes([2, 1]) }),
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be ordered',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Ignore', onExitCodes: { ...onCodes([1]), containerName: 'c' } }),
      failure({ action: 'Ignore', onExitCodes: { ...onCodes([1]), containerName: 'z' } }),
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "z"',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Ignore', onPodConditions: [{ type: 'T', status: 'True' }] }),
      failure({ action: 'Ignore', onPodConditions: [{ type: 'T', status: 'Maybe' }] }),
      'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe"',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Count', onExitCodes: onCodes([1]) }),
      failure({ action: 'Count' }),
      'spec.podFailurePolicy.rules[0]: Invalid value',
    ],
    [
      'spec.podFailurePolicy',
      failure({ action: 'Count', onExitCodes: onCodes([1]) }),
      failure({ action: 'FailIndex', onExitCodes: onCodes([1]) }),
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededIndexes: '0-1' }] } },
      { successPolicy: { rules: [{ succeededIndexes: '0-1' }] } },
      'spec.successPolicy: Invalid value',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededCount: 2 }] } },
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededCount: 4 }] } },
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
    ],
    [
      'spec',
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{ succeededIndexes: '2' }] } },
      { completionMode: 'Indexed', completions: 3, successPolicy: { rules: [{}] } },
      'spec.successPolicy.rules[0]: Required value',
    ],
    ['spec.selector', absent, label, 'spec.selector: Invalid value'],
  ],
  CronJob: [
    [
      'spec.schedule',
      '*/5 0-6 1,15 * MON-FRI',
      '61 * * * *',
      'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
    ],
    [
      'spec.schedule',
      '@every 1h',
      'now',
      'spec.schedule: Invalid value: "now": expected exactly 5 fields, found 1: [now]',
    ],
    ['spec.schedule', '@hourly', 'TZ=UTC @hourly', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
    ['spec.schedule', '0 0 * * *', absent, 'spec.schedule: Required value'],
    [
      'spec.timeZone',
      'Europe/Paris',
      'Europe/Nowhere',
      'spec.timeZone: Invalid value: "Europe/Nowhere": unknown time zone Europe/Nowhere',
    ],
    ['spec.timeZone', 'Etc/UTC', 'Local', 'timeZone must be an explicit time zone'],
    [
      'spec.concurrencyPolicy',
      'Replace',
      'Queue',
      'spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"',
    ],
    count('spec.startingDeadlineSeconds'),
    count('spec.successfulJobsHistoryLimit', 0),
    count('spec.failedJobsHistoryLimit', 0),
    count('spec.jobTemplate.spec.backoffLimit'),
    [
      'spec.jobTemplate.spec.manualSelector',
      false,
      true,
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true',
    ],
    ['spec.jobTemplate.spec.selector', absent, label, '`selector` will be auto-generated'],
    ['metadata.name', 'a'.repeat(52), 'a'.repeat(53), 'must be no more than 52 characters'],
  ],
  ReplicationController: [
    count('spec.replicas'),
    count('spec.minReadySeconds'),
    [
      'spec.selector',
      { a: 'b' },
      { a: 'c' },
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ],
    [
      'spec.template.spec.restartPolicy',
      'Always',
      'Never',
      'spec.template.spec.restartPolicy: Unsupported value: "Never"',
    ],
  ],
  PodTemplate: [
    [
      'template.spec.containers',
      [{ name: 'c', image: 'i' }],
      [{ name: 'c' }],
      'template.spec.containers[0].image: Required value',
    ],
  ],
  ControllerRevision: [count('revision')],
  HorizontalPodAutoscaler: [
    ['spec.maxReplicas', 3, 0, 'spec.maxReplicas: Invalid value: 0: must be greater than 0'],
    ['spec.minReplicas', 2, 0, 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
    ['spec.minReplicas', 2, 3, 'spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
    ['spec.scaleTargetRef.kind', 'StatefulSet', absent, 'spec.scaleTargetRef.kind: Required value'],
    ['spec.scaleTargetRef.name', 'n', 'a/b', 'spec.scaleTargetRef.name: Invalid value: "a/b"'],
    [
      'spec.metrics',
      [metric('Utilization', { averageUtilization: 50 })],
      [metric('Utilization', {})],
      'spec.metrics[0].resource.target',
    ],
    [
      'spec.metrics',
      [metric('AverageValue', { averageValue: '1' })],
      [metric('Other', { averageValue: '1' })],
      'spec.metrics[0].resource.target.type',
    ],
    [
      'spec.metrics',
      [metric('AverageValue', { averageValue: '1' })],
      [{ type: 'Resource' }],
      'spec.metrics[0].resource: Required value',
    ],
    [
      'spec.scaleTargetRef',
      { kind: 'ReplicationController', name: 'n' },
      { kind: 'Deployment', name: 'n', apiVersion: 'v1' },
      'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
    ],
    [
      'spec.metrics',
      [{ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } } }],
      [{ type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } } }],
      'spec.metrics[0].pods.target.averageValue: Required value',
    ],
    [
      'spec.metrics',
      [{ type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '1' } } }],
      [
        {
          type: 'External',
          external: { metric: { name: 'm' }, target: { type: 'Value', value: '1', averageValue: '1' } },
        },
      ],
      'spec.metrics[0].external.target.value: Forbidden',
    ],
    [
      'spec.metrics',
      [metric('Utilization', { averageUtilization: 50 })],
      [
        {
          ...metric('Utilization', { averageUtilization: 50 }),
          pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
        },
      ],
      'spec.metrics[0].pods: Forbidden: must populate the given metric source only',
    ],
    [
      'spec.behavior',
      { scaleUp: { tolerance: '50m' } },
      { scaleUp: { tolerance: '-1' } },
      'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      'spec.behavior',
      { scaleDown: { stabilizationWindowSeconds: 3600 } },
      { scaleDown: { stabilizationWindowSeconds: 3601 } },
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
    ],
  ],
  PodDisruptionBudget: [
    ['spec.minAvailable', '50%', '150%', 'spec.minAvailable: Invalid value: "150%": must not be greater than 100%'],
    ['spec.maxUnavailable', 0, -1, 'spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0'],
    [
      'spec',
      { minAvailable: 1 },
      { minAvailable: 1, maxUnavailable: 1 },
      'minAvailable and maxUnavailable cannot be both set',
    ],
    ['spec.selector', label, badLabel, 'spec.selector.matchLabels: Invalid value: "-b"'],
    [
      'spec.unhealthyPodEvictionPolicy',
      'AlwaysAllow',
      'Never',
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never"',
    ],
  ],
  Ingress: [
    [
      'spec',
      {},
      { defaultBackend: null },
      'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified',
    ],
    ['spec.ingressClassName', 'nginx', 'A', 'spec.ingressClassName: Invalid value: "A"'],
    [
      'spec.defaultBackend',
      { service: { name: 's', port: { name: 'http' } } },
      { service: { name: 's', port: {} } },
      'spec.defaultBackend: Required value: port name or number is required',
    ],
    [
      'spec.defaultBackend',
      { resource: { kind: 'K', name: 'n' } },
      { resource: { kind: 'K', name: 'n' }, service: { name: 's', port: { number: 1 } } },
      'cannot set both resource and service backends',
    ],
    [
      'spec.defaultBackend.service.port.number',
      65_535,
      65_536,
      'spec.defaultBackend.service.port.number: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
    [
      'spec.rules',
      [path({})],
      [path({ path: 'a' })],
      'spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path',
    ],
    ['spec.rules', [path({ path: '/a/b' })], [path({ path: '/a//b' })], "must not contain '//'"],
    [
      'spec.rules',
      [path({ pathType: 'Exact' })],
      [path({ pathType: 'Regex' })],
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex"',
    ],
    [
      'spec.rules',
      [path({})],
      [path({ pathType: undefined })],
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    ['spec.rules', [{ host: '*.e.com' }], [{ host: '*.*.e.com' }], 'spec.rules[0].host: Invalid value'],
    ['spec.rules', [{ host: 'e.com' }], [{ host: '1.2.3.4' }], 'must be a DNS name, not an IP address'],
    [
      'spec.tls',
      [{ hosts: ['e.com'], secretName: 's' }],
      [{ hosts: ['E.com'] }],
      'spec.tls[0].hosts[0]: Invalid value: "E.com"',
    ],
  ],
  IngressClass: [
    ['spec.controller', 'e.com/x', 'x', 'spec.controller: Invalid value: "x"'],
    ['spec.controller', 'e.com/x', absent, 'spec.controller: Required value'],
    [
      'spec.parameters',
      parameters({ scope: 'Cluster' }),
      parameters({ scope: 'Cluster', namespace: 'n' }),
      "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
    ],
    [
      'spec.parameters',
      parameters({ scope: 'Namespace', namespace: 'n' }),
      parameters({ scope: 'Namespace' }),
      'spec.parameters.namespace: Required value',
    ],
    ['spec.parameters', parameters({}), { kind: 'K' }, 'spec.parameters.name: Required value'],
  ],
  NetworkPolicy: [
    ['spec.podSelector', label, badLabel, 'spec.podSelector.matchLabels: Invalid value: "-b"'],
    ['spec.policyTypes', ['Ingress', 'Egress'], ['Both'], 'spec.policyTypes[0]: Unsupported value: "Both"'],
    [
      'spec.egress',
      port({ port: 80, endPort: 90 }),
      port({ port: 80, endPort: 70 }),
      'spec.egress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`',
    ],
    [
      'spec.ingress',
      port({ port: 'http' }),
      port({ port: 'http', endPort: 70 }),
      'spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric',
    ],
    [
      'spec.ingress',
      port({ protocol: 'SCTP' }),
      port({ protocol: 'ICMP' }),
      'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP"',
    ],
    [
      'spec.egress',
      block('10.0.0.0/8', ['10.1.0.0/16']),
      block('10.0.0.0/8', ['11.0.0.0/16']),
      'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    ],
    [
      'spec.egress',
      block('10.0.0.0/8'),
      block('10.0.0.0/99'),
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0/99"',
    ],
    [
      'spec.ingress',
      [{ from: [{ podSelector: {} }] }],
      [{ from: [{}] }],
      'spec.ingress[0].from[0]: Required value: must specify a peer',
    ],
  ],
  ServiceCIDR: [
    [
      'spec.cidrs',
      ['10.98.0.0/16', '2001:db8::/64'],
      ['10.98.0.0/16', '10.99.0.0/16'],
      'may specify no more than one IP for each IP family',
    ],
    ['spec.cidrs', ['10.98.0.0/16'], [], 'spec.cidrs: Required value: at least one CIDR required'],
    ['spec.cidrs', ['10.98.0.0/16'], ['10.98.0.0'], 'spec.cidrs[0]: Invalid value: "10.98.0.0"'],
  ],
  IPAddress: [
    ['spec', {}, { parentRef: null }, 'spec.parentRef: Required value'],
    ['spec.parentRef.name', 'n', absent, 'spec.parentRef.name: Required value'],
    ['spec.parentRef.resource', 'services', 'a/b', 'spec.parentRef.resource: Invalid value: "a/b"'],
    ['metadata.name', '10.0.0.77', '10.0.0.077', 'metadata.name: Invalid value: "10.0.0.077"'],
  ],
  ResourceQuota: [
    [
      'spec.hard',
      { 'requests.cpu': '1', 'count/jobs.batch': '3', 'e.com/gpu': '1' },
      { nonsense: '1' },
      'spec.hard[nonsense]: Invalid value: "nonsense"',
    ],
    ['spec.hard', { pods: '1' }, { pods: '1.5' }, 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    [
      'spec.hard',
      { cpu: '1' },
      { cpu: '-1' },
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    ['spec.scopes', ['BestEffort'], ['Quick'], 'spec.scopes: Invalid value: ["Quick"]: unsupported scope'],
    ['spec.scopes', ['NotTerminating'], ['NotTerminating', 'Terminating'], 'conflicting scopes'],
    [
      'spec',
      { hard: { pods: '1' }, scopes: ['BestEffort'] },
      { hard: { services: '1' }, scopes: ['BestEffort'] },
      'unsupported scope applied to resource',
    ],
    [
      'spec.scopeSelector',
      requirement('PriorityClass', 'In', ['high']),
      requirement('PriorityClass', 'In', []),
      'spec.scopeSelector.matchExpressions.values: Required value',
    ],
    [
      'spec.scopeSelector',
      requirement('BestEffort', 'Exists'),
      requirement('BestEffort', 'In', ['x']),
      "must be 'Exist' when scope is BestEffort",
    ],
    [
      'spec',
      { hard: { persistentvolumeclaims: '1' }, scopeSelector: requirement('VolumeAttributesClass', 'In', ['gold']) },
      {
        hard: { persistentvolumeclaims: '1' },
        scopeSelector: requirement('VolumeAttributesClass', 'Exists', ['gold']),
      },
      'spec.scopeSelector.matchExpressions.values: Invalid value: ["gold"]: must be no value',
    ],
    [
      'spec',
      { hard: { 'requests.cpu': '1' }, scopes: ['NotBestEffort'] },
      { hard: { 'requests.ephemeral-storage': '1' }, scopes: ['NotBestEffort'] },
      'unsupported scope applied to resource',
    ],
  ],
  LimitRange: [
    [
      'spec.limits',
      limit({ max: { cpu: '2' }, min: { cpu: '1' } }),
      limit({ max: { cpu: '1' }, min: { cpu: '2' } }),
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ],
    [
      'spec.limits',
      limit({ default: { cpu: '1' } }),
      [{ type: 'Pod', default: { cpu: '1' } }],
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
    ['spec.limits', [{ type: 'e.com/thing' }], [{ type: 'thing' }], 'must be a standard limit type or fully qualified'],
    [
      'spec.limits',
      [...limit({}), { type: 'Pod' }],
      [...limit({}), ...limit({})],
      'spec.limits[1].type: Duplicate value: "Container"',
    ],
    [
      'spec.limits',
      [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }],
      [{ type: 'PersistentVolumeClaim' }],
      'either minimum or maximum storage value is required',
    ],
    [
      'spec.limits',
      limit({ maxLimitRequestRatio: { cpu: '2' } }),
      limit({ maxLimitRequestRatio: { cpu: '500m' } }),
      'ratio 500m is less than 1',
    ],
  ],
  PersistentVolume: [
    ['spec.capacity', { storage: '2Gi' }, {}, 'spec.capacity: Required value'],
    [
      'spec.capacity',
      { storage: '2Gi' },
      { storage: '0' },
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
    ['spec.accessModes', ['ReadOnlyMany'], [], 'spec.accessModes: Required value'],
    [
      'spec.accessModes',
      ['ReadWriteOncePod'],
      ['ReadWriteOncePod', 'ReadOnlyMany'],
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
    [
      'spec.persistentVolumeReclaimPolicy',
      'Retain',
      'Keep',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep"',
    ],
    ['spec.volumeMode', 'Block', 'File', 'spec.volumeMode: Unsupported value: "File"'],
    ['spec.storageClassName', 'fast', 'A_', 'spec.storageClassName: Invalid value: "A_"'],
    [
      'spec',
      { nfs: { server: 's', path: '/p' }, hostPath: null },
      { hostPath: null },
      'spec: Required value: must specify a volume type',
    ],
    ['spec', {}, { nfs: { server: 's', path: '/p' } }, 'may not specify more than 1 volume type'],
    ['spec.capacity', { storage: '2Gi' }, {}, 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
    [
      'spec.hostPath',
      { path: '/p', type: 'File' },
      { path: '/p', type: 'Disk' },
      'spec.hostPath.type: Unsupported value',
    ],
    [
      'spec',
      { csi: { driver: 'd', volumeHandle: 'h' }, hostPath: null },
      { csi: { driver: 'd' }, hostPath: null },
      'spec.csi.volumeHandle: Required value',
    ],
    [
      'spec',
      { nfs: { server: 's', path: '/p' }, hostPath: null },
      { nfs: { server: 's', path: 'p' }, hostPath: null },
      'spec.nfs.path: Invalid value: "p": must be an absolute path',
    ],
    ['spec.nodeAffinity', absent, {}, 'spec.nodeAffinity.required: Required value'],
    [
      'spec.nodeAffinity',
      { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } },
      { required: { nodeSelectorTerms: [] } },
      'spec.nodeAffinity.required.nodeSelectorTerms: Required value',
    ],
  ],
  PersistentVolumeClaim: [
    ['spec.accessModes', ['ReadWriteMany'], [], 'spec.accessModes: Required value: at least 1 access mode is required'],
    ['spec.accessModes', ['ReadWriteMany'], ['Any'], 'spec.accessModes: Unsupported value: "Any"'],
    ['spec.resources', { requests: { storage: '2Gi' } }, {}, 'spec.resources[storage]: Required value'],
    [
      'spec.resources',
      { requests: { storage: '2Gi' } },
      { requests: { storage: '0' } },
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    ['spec.selector', label, badLabel, 'spec.selector.matchLabels: Invalid value: "-b"'],
    ['spec.storageClassName', 'fast', 'A_', 'spec.storageClassName: Invalid value: "A_"'],
    ['spec.volumeMode', 'Block', 'File', 'spec.volumeMode: Unsupported value: "File"'],
  ],
  StorageClass: [
    ['provisioner', 'e.com/p', 'a/b/c', 'provisioner: Invalid value: "a/b/c"'],
    ['provisioner', 'p', absent, 'provisioner: Required value'],
    ['reclaimPolicy', 'Retain', 'Keep', 'reclaimPolicy: Unsupported value: "Keep"'],
    [
      'allowedTopologies',
      [topology('zone', ['a']), topology('zone', ['b'])],
      [topology('zone', ['a']), topology('zone', ['a'])],
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ],
    [
      'allowedTopologies',
      [topology('zone', ['a', 'b'])],
      [topology('zone', [])],
      'allowedTopologies.matchLabelExpressions[0].values: Required value',
    ],
    [
      'allowedTopologies',
      [topology('zone', ['a', 'b'])],
      [topology('-', ['a', 'a'])],
      'allowedTopologies.matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    ],
    ['volumeBindingMode', 'WaitForFirstConsumer', 'Later', 'volumeBindingMode: Unsupported value: "Later"'],
  ],
  CSIDriver: [
    ['spec', { fsGroupPolicy: 'File' }, { fsGroupPolicy: 'All' }, 'spec.fsGroupPolicy: Unsupported value: "All"'],
    [
      'spec',
      { volumeLifecycleModes: ['Ephemeral'] },
      { volumeLifecycleModes: ['Brief'] },
      'spec.volumeLifecycleModes: Unsupported value: "Brief"',
    ],
    [
      'spec',
      { tokenRequests: [{ audience: 'a' }] },
      { tokenRequests: [{ audience: 'a' }, { audience: 'a' }] },
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
  ],
  CSINode: [
    [
      'spec.drivers',
      [{ name: 'd', nodeID: 'n' }],
      [{ name: 'd', nodeID: '' }],
      'spec.drivers[0].nodeID: Required value',
    ],
    ['spec.drivers', [{ name: 'd', nodeID: 'n' }], [{ name: '', nodeID: 'n' }], 'spec.drivers[0].name: Required value'],
  ],
  CSIStorageCapacity: [
    ['storageClassName', 'fast', absent, 'storageClassName: Required value'],
    ['nodeTopology', label, badLabel, 'nodeTopology.matchLabels: Invalid value: "-b"'],
  ],
  VolumeAttachment: [
    ['spec.attacher', 'e.com', absent, 'spec.attacher: Required value'],
    ['spec.nodeName', 'n', absent, 'spec.nodeName: Required value'],
    ['spec.source', { persistentVolumeName: 'v' }, {}, 'spec.source: Required value'],
  ],
  VolumeAttributesClass: [
    ['driverName', 'e.com', absent, 'driverName: Required value'],
    ['parameters', { a: 'b' }, {}, 'parameters: Required value'],
  ],
  PriorityClass: [
    [
      'value',
      1_000_000_000,
      1_000_000_001,
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
    ['preemptionPolicy', 'Never', 'Maybe', 'preemptionPolicy: Unsupported value: "Maybe"'],
    [
      'metadata.name',
      'high',
      'system-high',
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only",
    ],
  ],
  RuntimeClass: [
    ['handler', 'runc', 'A_', 'handler: Invalid value: "A_"'],
    [
      'overhead',
      { podFixed: { cpu: '1' } },
      { podFixed: { nonsense: '1' } },
      'overhead.limits[nonsense]: Invalid value: "nonsense"',
    ],
    [
      'scheduling',
      { tolerations: [{ key: 'a' }, { key: 'b' }] },
      { tolerations: [{ key: 'a' }, { key: 'a', tolerationSeconds: 1, effect: 'NoExecute' }, { key: 'a' }] },
      'scheduling.tolerations[2]: Duplicate value',
    ],
    [
      'scheduling',
      { tolerations: [{ operator: 'Exists' }] },
      { tolerations: [{ operator: 'Equal' }] },
      'scheduling.tolerations[0].operator: Invalid value: "Equal"',
    ],
  ],
  Lease: [
    [
      'spec',
      { leaseDurationSeconds: 1 },
      { leaseDurationSeconds: 0 },
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      'spec',
      { leaseTransitions: 0 },
      { leaseTransitions: -1 },
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
};

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy of an object with a field of it set; of `spec`, what is said is laid over what is there. */
function withField(object: Fields, [first = '', ...rest]: readonly string[], value: unknown): Fields {
  const before = object[first];
  if (rest.length) return { ...object, [first]: withField(isFields(before) ? before : {}, rest, value) };
  return {
    ...object,
    [first]: first === 'spec' && isFields(before) && isFields(value) ? { ...before, ...value } : value,
  };
}

describe('a value that a rule refuses, and one that it accepts', () => {
  let api: TestServer;
  before(async () => {
    api = await TestServer.start();
  });
  after(() => api[Symbol.asyncDispose]());

  for (const [name, ofKind] of Object.entries(rules)) {
    const kind = kinds.find((one) => one.kind === name);
    assert.ok(kind, name);
    const object = {
      apiVersion: apiVersionOf(kind),
      kind: name,
      metadata: { name: names[name] ?? 'x' },
      ...least[name],
    };
    const send = (field: string, value: unknown): Promise<{ code: number; text: string; body: { message?: string } }> =>
      api.send('POST', `${collectionPath(kind, 'default')}?dryRun=All`, withField(object, field.split('.'), value));
    for (const [index, [field, accepted, refused, fault]] of ofKind.entries()) {
      it(`${name} ${field} (${index})`, async () => {
        const good = await send(field, accepted);
        assert.equal(good.code, 201, good.text);
        const bad = await send(field, refused);
        assert.equal(bad.code, 422, bad.text);
        assert.ok(bad.body.message?.includes(fault), `${bad.body.message}\n does not say\n ${fault}`);
      });
    }
  }
});

/** Their rules are tested beside them. */
const elsewhere = [
  ...['Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event'],
  ...['Deployment', 'ReplicaSet', 'EndpointSlice', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  'CustomResourceDefinition',
];

it('no kind is left out', () => {
  assert.deepEqual([...Object.keys(rules), ...elsewhere].sort(), kinds.map(({ kind }) => kind).sort());
});
