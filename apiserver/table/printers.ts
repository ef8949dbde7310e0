import type { KubeObject } from '@skiff/api/meta';
import type { KindName, KindTypes } from '@skiff/api/types';
import { type Cell, type Column, column, nameColumn, type Printer, type RowCondition } from './columns.ts';
import * as deployment from './deployment.ts';
import * as endpoints from './endpoints.ts';
import * as endpointSlice from './endpointslice.ts';
import * as event from './event.ts';
import * as horizontalPodAutoscaler from './horizontalpodautoscaler.ts';
import * as networking from './networking.ts';
import * as node from './node.ts';
import * as pod from './pod.ts';
import * as policy from './policy.ts';
import * as replicaSet from './replicaset.ts';
import * as roleBinding from './rolebinding.ts';
import * as service from './service.ts';
import { configMap, lease, namespace, secret, serviceAccount } from './small.ts';
import * as storage from './storage.ts';
import * as workloads from './workloads.ts';

interface TypedPrinter<T> {
  readonly columns: readonly Column[];
  cells(object: T, now: Date): Cell[];
  conditions?(object: T): readonly RowCondition[];
}

/** Kinds without columns of their own show when they were made. */
const plain: Printer = {
  columns: [nameColumn, column('Created At', { type: 'date' })],
  cells: (object: KubeObject) => [object.metadata.name, object.metadata.creationTimestamp ?? null],
};

const typed: { [K in KindName]?: TypedPrinter<KindTypes[K]> } = {
  ClusterRoleBinding: roleBinding,
  ConfigMap: configMap,
  Deployment: deployment,
  EndpointSlice: endpointSlice,
  Endpoints: endpoints,
  Event: event,
  Lease: lease,
  Namespace: namespace,
  Node: node,
  Pod: pod,
  ReplicaSet: replicaSet,
  RoleBinding: roleBinding,
  Secret: secret,
  Service: service,
  ServiceAccount: serviceAccount,
  ControllerRevision: workloads.controllerRevision,
  CronJob: workloads.cronJob,
  DaemonSet: workloads.daemonSet,
  HorizontalPodAutoscaler: horizontalPodAutoscaler,
  Job: workloads.job,
  PodTemplate: workloads.podTemplate,
  ReplicationController: workloads.replicationController,
  StatefulSet: workloads.statefulSet,
  Ingress: networking.ingress,
  IngressClass: networking.ingressClass,
  IPAddress: networking.ipAddress,
  NetworkPolicy: networking.networkPolicy,
  ServiceCIDR: networking.serviceCidr,
  CSIDriver: storage.csiDriver,
  CSINode: storage.csiNode,
  CSIStorageCapacity: storage.csiStorageCapacity,
  PersistentVolume: storage.persistentVolume,
  PersistentVolumeClaim: storage.persistentVolumeClaim,
  StorageClass: storage.storageClass,
  VolumeAttachment: storage.volumeAttachment,
  VolumeAttributesClass: storage.volumeAttributesClass,
  PodDisruptionBudget: policy.podDisruptionBudget,
  PriorityClass: policy.priorityClass,
  ResourceQuota: policy.resourceQuota,
  RuntimeClass: policy.runtimeClass,
};

// A printer is only handed objects of its kind, which the store keeps in the kind's own shape.
const byKind = new Map(Object.entries(typed) as unknown as [string, Printer][]);

/** How a kind shows as a table. */
export function printerFor(kind: string): Printer {
  return byKind.get(kind) ?? plain;
}
