import { inAll, type Row, scale, status } from './row.ts';

/** `apps/v1`. */
export const appsKinds: readonly Row[] = [
  {
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    ...inAll,
    subresources: [status, scale],
    model: 'V1Deployment',
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    ...inAll,
    subresources: [status, scale],
    model: 'V1ReplicaSet',
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    ...inAll,
    subresources: [status, scale],
    model: 'V1StatefulSet',
  },
  {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    ...inAll,
    subresources: [status],
    model: 'V1DaemonSet',
  },
  { kind: 'ControllerRevision', plural: 'controllerrevisions', model: 'V1ControllerRevision' },
];

/** `batch/v1`. */
export const batchKinds: readonly Row[] = [
  { kind: 'Job', plural: 'jobs', ...inAll, subresources: [status], model: 'V1Job' },
  {
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    ...inAll,
    subresources: [status],
    model: 'V1CronJob',
  },
];

/** `autoscaling/v2`. */
export const autoscalingKinds: readonly Row[] = [
  {
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    ...inAll,
    subresources: [status],
    model: 'V2HorizontalPodAutoscaler',
  },
];

/** `policy/v1`. */
export const policyKinds: readonly Row[] = [
  {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    subresources: [status],
    model: 'V1PodDisruptionBudget',
  },
];
