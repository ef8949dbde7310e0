import { ipAddress } from '@skiff/api/ip';
import type { Kind } from '@skiff/api/kinds';
import { dns1123Label, dns1123Subdomain, pathSegmentName } from '@skiff/api/names';
import type { KindName } from '@skiff/api/types';
import { definitionStrategy } from '../custom-resources/definition/strategy.ts';
import type { Caches } from '../watch/caches.ts';
import { configMapStrategy } from './config-map.ts';
import { controllerRevisionStrategy } from './controller-revision.ts';
import { cronJobStrategy } from './cron-job/strategy.ts';
import { daemonSetStrategy } from './daemon-set/strategy.ts';
import { deploymentStrategy } from './deployment.ts';
import { endpointSliceStrategy } from './endpoint-slice.ts';
import { endpointsStrategy } from './endpoints.ts';
import { eventStrategy } from './event/strategy.ts';
import { horizontalPodAutoscalerStrategy } from './horizontal-pod-autoscaler/strategy.ts';
import { ingressStrategy } from './ingress/strategy.ts';
import { ingressClassStrategy } from './ingress-class.ts';
import { ipAddressStrategy } from './ip-address.ts';
import { jobStrategy } from './job/strategy.ts';
import { leaseStrategy } from './lease.ts';
import { limitRangeStrategy } from './limit-range/strategy.ts';
import { namespaceStrategy } from './namespace.ts';
import { networkPolicyStrategy } from './network-policy.ts';
import { nodeStrategy } from './node.ts';
import { podStrategy } from './pod/strategy.ts';
import { podDisruptionBudgetStrategy } from './pod-disruption-budget.ts';
import { podTemplateStrategy } from './pod-template-object.ts';
import { priorityClassStrategy } from './priority-class.ts';
import { replicaSetStrategy } from './replica-set.ts';
import { replicationControllerStrategy } from './replication-controller.ts';
import { resourceQuotaStrategy } from './resource-quota/strategy.ts';
import { clusterRoleStrategy, roleStrategy } from './role.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './role-binding.ts';
import { runtimeClassStrategy } from './runtime-class.ts';
import { secretStrategy } from './secret.ts';
import { ServiceAllocator } from './service/allocator.ts';
import { serviceStrategy } from './service/strategy.ts';
import { serviceAccountStrategy } from './service-account.ts';
import { serviceCidrStrategy } from './service-cidr.ts';
import { statefulSetStrategy } from './stateful-set/strategy.ts';
import {
  csiDriverStrategy,
  csiNodeStrategy,
  csiStorageCapacityStrategy,
  volumeAttachmentStrategy,
  volumeAttributesClassStrategy,
} from './storage/csi.ts';
import { persistentVolumeStrategy } from './storage/persistent-volume.ts';
import { persistentVolumeClaimStrategy } from './storage/persistent-volume-claim.ts';
import { storageClassStrategy } from './storage/storage-class.ts';
import type { Strategy } from './strategy.ts';

export interface StrategyOptions {
  /** The range of cluster IPs: `10.96.0.0/16`. */
  readonly serviceCIDR: string;
  /** The range of node ports: `30000-32767`. */
  readonly nodePortRange: string;
  readonly caches: Caches;
}

/** The strategy of each kind. A kind without one of its own is stored as it comes, but for the rules of metadata. */
export function createStrategies(options: StrategyOptions): (kind: Kind) => Strategy {
  const strategies: Record<KindName, Strategy> = {
    Namespace: named(dns1123Label, namespaceStrategy),
    Node: named(dns1123Subdomain, nodeStrategy),
    Pod: named(dns1123Subdomain, podStrategy),
    Service: named(dns1123Label, serviceStrategy(new ServiceAllocator(options))),
    Endpoints: named(dns1123Subdomain, endpointsStrategy(options)),
    EndpointSlice: named(dns1123Subdomain, endpointSliceStrategy(options)),
    ConfigMap: named(dns1123Subdomain, configMapStrategy),
    Secret: named(dns1123Subdomain, secretStrategy),
    ServiceAccount: named(dns1123Subdomain, serviceAccountStrategy),
    Event: named(dns1123Subdomain, eventStrategy),
    Lease: named(dns1123Subdomain, leaseStrategy),
    Deployment: named(dns1123Subdomain, deploymentStrategy),
    ReplicaSet: named(dns1123Subdomain, replicaSetStrategy),
    StatefulSet: named(dns1123Label, statefulSetStrategy),
    DaemonSet: named(dns1123Subdomain, daemonSetStrategy),
    ControllerRevision: named(dns1123Subdomain, controllerRevisionStrategy),
    Job: named(dns1123Subdomain, jobStrategy),
    CronJob: named(dns1123Subdomain, cronJobStrategy),
    HorizontalPodAutoscaler: named(pathSegmentName, horizontalPodAutoscalerStrategy),
    PodDisruptionBudget: named(pathSegmentName, podDisruptionBudgetStrategy),
    PodTemplate: named(dns1123Subdomain, podTemplateStrategy),
    ReplicationController: named(dns1123Subdomain, replicationControllerStrategy),
    LimitRange: named(dns1123Subdomain, limitRangeStrategy),
    ResourceQuota: named(dns1123Subdomain, resourceQuotaStrategy),
    PersistentVolume: named(dns1123Subdomain, persistentVolumeStrategy),
    PersistentVolumeClaim: named(dns1123Subdomain, persistentVolumeClaimStrategy),
    Ingress: named(dns1123Subdomain, ingressStrategy),
    IngressClass: named(dns1123Subdomain, ingressClassStrategy),
    NetworkPolicy: named(dns1123Subdomain, networkPolicyStrategy),
    ServiceCIDR: named(dns1123Subdomain, serviceCidrStrategy),
    IPAddress: named(ipAddress, ipAddressStrategy),
    StorageClass: named(dns1123Subdomain, storageClassStrategy),
    CSIDriver: named(dns1123Subdomain, csiDriverStrategy),
    CSINode: named(dns1123Subdomain, csiNodeStrategy),
    CSIStorageCapacity: named(dns1123Subdomain, csiStorageCapacityStrategy),
    VolumeAttachment: named(dns1123Subdomain, volumeAttachmentStrategy),
    VolumeAttributesClass: named(dns1123Subdomain, volumeAttributesClassStrategy),
    PriorityClass: named(dns1123Subdomain, priorityClassStrategy),
    RuntimeClass: named(dns1123Subdomain, runtimeClassStrategy),
    Role: named(pathSegmentName, roleStrategy),
    RoleBinding: named(pathSegmentName, roleBindingStrategy),
    ClusterRole: named(pathSegmentName, clusterRoleStrategy),
    ClusterRoleBinding: named(pathSegmentName, clusterRoleBindingStrategy),
    CustomResourceDefinition: named(dns1123Subdomain, definitionStrategy),
  };
  const all = new Map(Object.entries(strategies));
  return (kind) => all.get(kind.kind) ?? { nameRule: dns1123Subdomain };
}

const named = (nameRule: (name: string) => string[], strategy: Strategy): Strategy => ({ nameRule, ...strategy });
