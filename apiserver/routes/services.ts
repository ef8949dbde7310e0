import type { Clock } from '@skiff/api/clock';
import type { Kind } from '@skiff/api/kinds';
import type { Resources } from '../registry/resources.ts';
import type { WriteContext } from '../registry/strategy.ts';
import type { Store } from '../storage/store.ts';
import type { Caches } from '../watch/caches.ts';
import type { ApiRequest } from './request.ts';

/** What routes work with. */
export interface Services {
  readonly store: Store;
  readonly caches: Caches;
  readonly resources: Resources;
  /** The unix socket of a node's agent. */
  nodeSocket(node: string): string;
  /** Whether the server is stopping: watches end in order. */
  readonly stopping: AbortSignal;
  readonly clock: Clock;
}

/** What a strategy may know of a write. */
export function writeContext(
  request: Pick<ApiRequest, 'user' | 'now' | 'warnings' | 'agent'>,
  services: Pick<Services, 'resources'>,
  options: { dryRun: boolean; subresource?: string; fieldManager?: string | undefined },
): WriteContext {
  return {
    user: request.user,
    now: request.now,
    dryRun: options.dryRun,
    subresource: options.subresource ?? '',
    manager: options.fieldManager || request.agent,
    warn: (message) => void request.warnings.add(message),
    read: (kind, namespace, name) => services.resources.named(kind).cache.get(namespace, name)?.object,
    list: (kind, namespace) =>
      services.resources
        .named(kind)
        .cache.list(namespace)
        .items.map((cached) => cached.object),
    other: (kind) => services.resources.named(kind),
  };
}

/** The name of a resource as errors and details give it. */
export const resourceName = ({ group, plural }: Kind): { group: string; plural: string } => ({ group, plural });
