import type { KindName } from '@skiff/api/types';

/**
 * The kinds as a client names them: by API group and plural, in camel case where the plural is of several words. A test holds it
 * against the kinds table.
 */
export const groups = {
  core: {
    namespaces: 'Namespace',
    nodes: 'Node',
    pods: 'Pod',
    podTemplates: 'PodTemplate',
    replicationControllers: 'ReplicationController',
    services: 'Service',
    endpoints: 'Endpoints',
    configMaps: 'ConfigMap',
    secrets: 'Secret',
    serviceAccounts: 'ServiceAccount',
    events: 'Event',
    limitRanges: 'LimitRange',
    resourceQuotas: 'ResourceQuota',
    persistentVolumes: 'PersistentVolume',
    persistentVolumeClaims: 'PersistentVolumeClaim',
  },
  apps: {
    deployments: 'Deployment',
    replicaSets: 'ReplicaSet',
    statefulSets: 'StatefulSet',
    daemonSets: 'DaemonSet',
    controllerRevisions: 'ControllerRevision',
  },
  batch: { jobs: 'Job', cronJobs: 'CronJob' },
  autoscaling: { horizontalPodAutoscalers: 'HorizontalPodAutoscaler' },
  policy: { podDisruptionBudgets: 'PodDisruptionBudget' },
  discovery: { endpointSlices: 'EndpointSlice' },
  coordination: { leases: 'Lease' },
  networking: {
    ingresses: 'Ingress',
    ingressClasses: 'IngressClass',
    networkPolicies: 'NetworkPolicy',
    serviceCIDRs: 'ServiceCIDR',
    ipAddresses: 'IPAddress',
  },
  rbac: {
    roles: 'Role',
    roleBindings: 'RoleBinding',
    clusterRoles: 'ClusterRole',
    clusterRoleBindings: 'ClusterRoleBinding',
  },
  storage: {
    storageClasses: 'StorageClass',
    csiDrivers: 'CSIDriver',
    csiNodes: 'CSINode',
    csiStorageCapacities: 'CSIStorageCapacity',
    volumeAttachments: 'VolumeAttachment',
    volumeAttributesClasses: 'VolumeAttributesClass',
  },
  scheduling: { priorityClasses: 'PriorityClass' },
  node: { runtimeClasses: 'RuntimeClass' },
  apiextensions: { customResourceDefinitions: 'CustomResourceDefinition' },
} as const satisfies Record<string, Record<string, KindName>>;

export type Groups = typeof groups;
export type GroupName = keyof Groups;
