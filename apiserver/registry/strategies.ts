import type { Kind } from '@skiff/api/kinds';
import { dns1123Label, dns1123Subdomain, pathSegmentName } from '@skiff/api/names';
import type { KindName } from '@skiff/api/types';
import type { Caches } from '../watch/caches.ts';
import { configMapStrategy } from './config-map.ts';
import { deploymentStrategy } from './deployment.ts';
import { endpointSliceStrategy } from './endpoint-slice.ts';
import { endpointsStrategy } from './endpoints.ts';
import { eventStrategy } from './event.ts';
import { leaseStrategy } from './lease.ts';
import { namespaceStrategy } from './namespace.ts';
import { nodeStrategy } from './node.ts';
import { podStrategy } from './pod/strategy.ts';
import { replicaSetStrategy } from './replica-set.ts';
import { clusterRoleStrategy, roleStrategy } from './role.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './role-binding.ts';
import { secretStrategy } from './secret.ts';
import { ServiceAllocator } from './service/allocator.ts';
import { serviceStrategy } from './service/strategy.ts';
import { serviceAccountStrategy } from './service-account.ts';
import { specAndStatus } from './spec-and-status.ts';
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
  const strategies: Partial<Record<KindName, Strategy>> = {
    Namespace: named(dns1123Label, namespaceStrategy),
    Node: named(dns1123Subdomain, nodeStrategy),
    Pod: named(dns1123Subdomain, podStrategy),
    Service: named(dns1123Label, serviceStrategy(new ServiceAllocator(options))),
    Endpoints: named(dns1123Subdomain, endpointsStrategy),
    EndpointSlice: named(dns1123Subdomain, endpointSliceStrategy),
    ConfigMap: named(dns1123Subdomain, configMapStrategy),
    Secret: named(dns1123Subdomain, secretStrategy),
    ServiceAccount: named(dns1123Subdomain, serviceAccountStrategy),
    Event: named(dns1123Subdomain, eventStrategy),
    Lease: named(dns1123Subdomain, leaseStrategy),
    Deployment: named(dns1123Subdomain, deploymentStrategy),
    ReplicaSet: named(dns1123Subdomain, replicaSetStrategy),
    Role: named(pathSegmentName, roleStrategy),
    RoleBinding: named(pathSegmentName, roleBindingStrategy),
    ClusterRole: named(pathSegmentName, clusterRoleStrategy),
    ClusterRoleBinding: named(pathSegmentName, clusterRoleBindingStrategy),
  };
  const all = new Map(Object.entries(strategies));
  return (kind) => all.get(kind.kind) ?? { nameRule: dns1123Subdomain, ...(hasStatus(kind) && specAndStatus()) };
}

const hasStatus = ({ subresources }: Kind): boolean => subresources.some(({ name }) => name === 'status');

const named = (nameRule: (name: string) => string[], strategy: Strategy): Strategy => ({ nameRule, ...strategy });
