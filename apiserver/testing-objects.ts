/** The least of each kind, for tests that are about all of them. */

/** The least that an object of each kind needs beside its name; what the server makes itself or checks in depth is left out. */
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const once = { spec: { ...template.spec, restartPolicy: 'Never' } };
const selector = { matchLabels: { a: 'b' } };
const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const storage = { storage: '1Gi' };
const crd = {
  group: 'e.com',
  scope: 'Namespaced',
  names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
  versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
};

export const least: Readonly<Record<string, object>> = {
  Namespace: {},
  Node: {},
  Pod: { spec: template.spec },
  PodTemplate: { template },
  ReplicationController: { spec: { template } },
  Service: { spec: { ports: [{ port: 80 }] } },
  Endpoints: {},
  ConfigMap: {},
  Secret: {},
  ServiceAccount: {},
  Event: { involvedObject: { namespace: 'default' } },
  LimitRange: { spec: { limits: [] } },
  ResourceQuota: { spec: { hard: { pods: '100' } } },
  PersistentVolume: { spec: { capacity: storage, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' } } },
  PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: storage } } },
  Deployment: { spec: { selector, template } },
  ReplicaSet: { spec: { selector, template } },
  StatefulSet: { spec: { selector, template, serviceName: 's' } },
  DaemonSet: { spec: { selector, template } },
  ControllerRevision: { data: {}, revision: 1 },
  Job: { spec: { template: once } },
  CronJob: { spec: { schedule: '@daily', jobTemplate: { spec: { template: once } } } },
  HorizontalPodAutoscaler: { spec: { scaleTargetRef: target, maxReplicas: 2 } },
  PodDisruptionBudget: { spec: { selector } },
  Ingress: { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  IngressClass: { spec: { controller: 'e.com/c' } },
  NetworkPolicy: { spec: { podSelector: {} } },
  ServiceCIDR: { spec: { cidrs: ['10.97.0.0/16'] } },
  IPAddress: { spec: { parentRef: { resource: 'services', namespace: 'n', name: 's' } } },
  EndpointSlice: { addressType: 'IPv4', endpoints: [] },
  Lease: {},
  Role: { rules: [] },
  RoleBinding: { roleRef: role },
  ClusterRole: { rules: [] },
  ClusterRoleBinding: { roleRef: role },
  StorageClass: { provisioner: 'p' },
  CSIDriver: {},
  CSINode: { spec: { drivers: [] } },
  CSIStorageCapacity: { storageClassName: 's' },
  VolumeAttachment: { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  VolumeAttributesClass: { driverName: 'd', parameters: { a: 'b' } },
  PriorityClass: { value: 1 },
  RuntimeClass: { handler: 'h' },
  CustomResourceDefinition: { spec: crd },
};
/** Of kinds whose objects can't be called anything. */
export const names: Readonly<Record<string, string>> = {
  IPAddress: '10.0.0.99',
  CustomResourceDefinition: 'things.e.com',
};

/** Views whose rules differ from those of the kind that they are views of. */
export const viewed: Readonly<Record<string, object>> = {
  'events.k8s.io/v1': {
    regarding: { namespace: 'default' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'e.com/c',
    reportingInstance: 'i',
    action: 'A',
    reason: 'R',
    type: 'Normal',
  },
};
