import type { Kind } from '@skiff/api/kinds';
import { dns1035Label, dns1123Label, dns1123Subdomain, pathSegmentName } from '@skiff/api/names';
import type { KindName } from '@skiff/api/types';
import type { Caches } from '../watch/caches.ts';
import { configMapStrategy } from './config-map.ts';
import { endpointSliceStrategy } from './endpoint-slice.ts';
import { endpointsStrategy } from './endpoints.ts';
import { eventStrategy } from './event.ts';
import { leaseStrategy } from './lease.ts';
import { namespaceStrategy } from './namespace.ts';
import { nodeStrategy } from './node.ts';
import { type NameRule, validateObjectMeta } from './object-meta.ts';
import { clusterRoleStrategy, roleStrategy } from './role.ts';
import { clusterRoleBindingStrategy, roleBindingStrategy } from './role-binding.ts';
import { secretStrategy } from './secret.ts';
import { ServiceAllocator } from './service/allocator.ts';
import { serviceStrategy } from './service/strategy.ts';
import { serviceAccountStrategy } from './service-account.ts';
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
  const strategies: Record<KindName, { names: NameRule; strategy: Strategy }> = {
    Namespace: { names: dns1123Label, strategy: namespaceStrategy },
    Node: { names: dns1123Subdomain, strategy: nodeStrategy },
    Pod: { names: dns1123Subdomain, strategy: {} },
    Service: { names: dns1035Label, strategy: serviceStrategy(new ServiceAllocator(options)) },
    Endpoints: { names: dns1123Subdomain, strategy: endpointsStrategy },
    EndpointSlice: { names: dns1123Subdomain, strategy: endpointSliceStrategy },
    ConfigMap: { names: dns1123Subdomain, strategy: configMapStrategy },
    Secret: { names: dns1123Subdomain, strategy: secretStrategy },
    ServiceAccount: { names: dns1123Subdomain, strategy: serviceAccountStrategy },
    Event: { names: dns1123Subdomain, strategy: eventStrategy },
    Lease: { names: dns1123Subdomain, strategy: leaseStrategy },
    Deployment: { names: dns1123Subdomain, strategy: {} },
    ReplicaSet: { names: dns1123Subdomain, strategy: {} },
    Role: { names: pathSegmentName, strategy: roleStrategy },
    RoleBinding: { names: pathSegmentName, strategy: roleBindingStrategy },
    ClusterRole: { names: pathSegmentName, strategy: clusterRoleStrategy },
    ClusterRoleBinding: { names: pathSegmentName, strategy: clusterRoleBindingStrategy },
  };
  const all = new Map(Object.entries(strategies).map(([kind, row]) => [kind, withMetadata(row.strategy, row.names)]));
  return (kind) => all.get(kind.kind) ?? withMetadata({}, dns1123Subdomain);
}

/** Adds the rules that the metadata of every kind obeys. */
function withMetadata(strategy: Strategy, names: NameRule): Strategy {
  return {
    ...strategy,
    validate: (object, context) => [
      ...validateObjectMeta(object.metadata, names),
      ...(strategy.validate?.(object, context) ?? []),
    ],
  };
}
