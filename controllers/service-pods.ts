import { isDeepStrictEqual } from 'node:util';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import type { Pod, Service } from '@skiff/api/types';
import type { Informers } from '@skiff/client/informers';
import { isPodFinished, isPodReady } from './pod-state.ts';
import { selectsEndpoints } from './service-selector.ts';

/** Whether a controller makes the endpoints of this Service: it has a selector and is no alias. */
export function hasEndpointsController(service: Service): boolean {
  return service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;
}

/** The Pods that a Service selects. */
export function podsOf(service: Service, informers: Informers): Pod[] {
  const selector = service.spec?.selector;
  return informers
    .for('Pod')
    .list(service.metadata.namespace)
    .filter((pod) => selectsEndpoints(selector, pod.metadata.labels));
}

/**
 * Calls `enqueue` for every Service whose endpoints may have changed: the Service itself did, or a Pod in a way that an
 * endpoint shows. Returns the end of it.
 */
export function watchEndpoints(informers: Informers, enqueue: (key: ObjectKey) => void): () => void {
  const services = informers.for('Service');
  const enqueueSelecting = (pod: Pod): void => {
    for (const service of services.list(pod.metadata.namespace)) {
      if (selectsEndpoints(service.spec?.selector, pod.metadata.labels)) enqueue(keyOf(service));
    }
  };
  const unsubscribe = [
    services.onChange(({ object }) => enqueue(keyOf(object))),
    informers.for('Pod').onChange(({ type, object, old }) => {
      if (type === 'updated' && old && isDeepStrictEqual(facts(old), facts(object))) return;
      enqueueSelecting(object);
      if (old && !isDeepStrictEqual(old.metadata.labels, object.metadata.labels)) enqueueSelecting(old);
    }),
  ];
  return () => {
    for (const end of unsubscribe) end();
  };
}

/** What an endpoint shows of a Pod. */
function facts(pod: Pod): unknown[] {
  const { labels, uid, deletionTimestamp } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec ?? {};
  const ending = deletionTimestamp !== undefined;
  const addresses = [pod.status?.podIP, ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)];
  return [labels, uid, ending, isPodReady(pod), isPodFinished(pod), hostname, subdomain, nodeName, addresses];
}
