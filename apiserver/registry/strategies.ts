import type { Kind } from '@skiff/api/kinds';
import type { KindName, KindTypes } from '@skiff/api/types';
import type { Caches } from '../watch/caches.ts';
import { deployment } from './deployment.ts';
import { namespace } from './namespace.ts';
import { pod } from './pod/pod.ts';
import { replicaSet } from './replica-set.ts';
import { ServiceAllocator } from './service/allocator.ts';
import { serviceStrategy } from './service/strategy.ts';
import type { Strategy } from './strategy.ts';

type Strategies = { [Name in KindName]?: Strategy<KindTypes[Name]> };

export interface StrategyOptions {
  /** The range of cluster IPs: `10.96.0.0/16`. */
  readonly serviceCIDR: string;
  /** `30000-32767` */
  readonly nodePortRange: string;
  /** Filled already: what stored Services have is taken. */
  readonly caches: Caches;
}

/** What is particular to each kind. */
export function createStrategies(options: StrategyOptions): (kind: Kind) => Strategy {
  const strategies: Strategies = {
    Deployment: deployment,
    Namespace: namespace,
    Pod: pod,
    ReplicaSet: replicaSet,
  };
  const service = serviceStrategy(new ServiceAllocator(options));
  // A kind's registry gives its strategy only objects of the kind.
  return (kind) =>
    kind.kind === 'Service' ? service : ((strategies[kind.kind as KindName] as Strategy | undefined) ?? {});
}
