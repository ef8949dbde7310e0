import type {
  CoreV1Event,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1ControllerRevision,
  V1CronJob,
  V1CSIDriver,
  V1CSINode,
  V1CSIStorageCapacity,
  V1CustomResourceDefinition,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Endpoints,
  V1Ingress,
  V1IngressClass,
  V1IPAddress,
  V1Job,
  V1Lease,
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodTemplate,
  V1PriorityClass,
  V1ReplicaSet,
  V1ReplicationController,
  V1ResourceQuota,
  V1Role,
  V1RoleBinding,
  V1RuntimeClass,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1ServiceCIDR,
  V1StatefulSet,
  V1StorageClass,
  V1VolumeAttachment,
  V1VolumeAttributesClass,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { Stored } from './meta.ts';

export type Namespace = Stored<V1Namespace>;
export type Node = Stored<V1Node>;
export type Pod = Stored<V1Pod>;
export type Service = Stored<V1Service>;
export type Endpoints = Stored<V1Endpoints>;
export type EndpointSlice = Stored<V1EndpointSlice>;
export type ConfigMap = Stored<V1ConfigMap>;
export type Secret = Stored<V1Secret>;
export type ServiceAccount = Stored<V1ServiceAccount>;
export type Event = Stored<CoreV1Event>;
export type Lease = Stored<V1Lease>;
export type Deployment = Stored<V1Deployment>;
export type ReplicaSet = Stored<V1ReplicaSet>;
export type Role = Stored<V1Role>;
export type RoleBinding = Stored<V1RoleBinding>;
export type ClusterRole = Stored<V1ClusterRole>;
export type CustomResourceDefinition = Stored<V1CustomResourceDefinition>;
export type ClusterRoleBinding = Stored<V1ClusterRoleBinding>;
export type StatefulSet = Stored<V1StatefulSet>;
export type DaemonSet = Stored<V1DaemonSet>;
export type ControllerRevision = Stored<V1ControllerRevision>;
export type Job = Stored<V1Job>;
export type CronJob = Stored<V1CronJob>;
export type HorizontalPodAutoscaler = Stored<V2HorizontalPodAutoscaler>;
export type PodDisruptionBudget = Stored<V1PodDisruptionBudget>;
export type PodTemplate = Stored<V1PodTemplate>;
export type ReplicationController = Stored<V1ReplicationController>;
export type LimitRange = Stored<V1LimitRange>;
export type ResourceQuota = Stored<V1ResourceQuota>;
export type PersistentVolume = Stored<V1PersistentVolume>;
export type PersistentVolumeClaim = Stored<V1PersistentVolumeClaim>;
export type Ingress = Stored<V1Ingress>;
export type IngressClass = Stored<V1IngressClass>;
export type NetworkPolicy = Stored<V1NetworkPolicy>;
export type ServiceCIDR = Stored<V1ServiceCIDR>;
export type IPAddress = Stored<V1IPAddress>;
export type StorageClass = Stored<V1StorageClass>;
export type CSIDriver = Stored<V1CSIDriver>;
export type CSINode = Stored<V1CSINode>;
export type CSIStorageCapacity = Stored<V1CSIStorageCapacity>;
export type VolumeAttachment = Stored<V1VolumeAttachment>;
export type VolumeAttributesClass = Stored<V1VolumeAttributesClass>;
export type PriorityClass = Stored<V1PriorityClass>;
export type RuntimeClass = Stored<V1RuntimeClass>;

/** The type of each kind in the kinds table, by its name. */
export interface KindTypes {
  Namespace: Namespace;
  Node: Node;
  Pod: Pod;
  Service: Service;
  Endpoints: Endpoints;
  EndpointSlice: EndpointSlice;
  ConfigMap: ConfigMap;
  Secret: Secret;
  ServiceAccount: ServiceAccount;
  Event: Event;
  Lease: Lease;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  Role: Role;
  RoleBinding: RoleBinding;
  ClusterRole: ClusterRole;
  ClusterRoleBinding: ClusterRoleBinding;
  CustomResourceDefinition: CustomResourceDefinition;
  StatefulSet: StatefulSet;
  DaemonSet: DaemonSet;
  ControllerRevision: ControllerRevision;
  Job: Job;
  CronJob: CronJob;
  HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  PodDisruptionBudget: PodDisruptionBudget;
  PodTemplate: PodTemplate;
  ReplicationController: ReplicationController;
  LimitRange: LimitRange;
  ResourceQuota: ResourceQuota;
  PersistentVolume: PersistentVolume;
  PersistentVolumeClaim: PersistentVolumeClaim;
  Ingress: Ingress;
  IngressClass: IngressClass;
  NetworkPolicy: NetworkPolicy;
  ServiceCIDR: ServiceCIDR;
  IPAddress: IPAddress;
  StorageClass: StorageClass;
  CSIDriver: CSIDriver;
  CSINode: CSINode;
  CSIStorageCapacity: CSIStorageCapacity;
  VolumeAttachment: VolumeAttachment;
  VolumeAttributesClass: VolumeAttributesClass;
  PriorityClass: PriorityClass;
  RuntimeClass: RuntimeClass;
}

export type KindName = keyof KindTypes;
