import type { ObjectKey } from '@skiff/api/meta';
import { isForbidden, isNotFound } from '@skiff/api/status';
import type { Client } from '../../client.ts';
import { ClusterQuestions } from './questions.ts';
import type { World } from './world.ts';

/** Reads all that the links look at. */
export async function gather(
  client: Client,
  { namespace = 'default', name }: ObjectKey,
  signal: AbortSignal,
): Promise<World> {
  const some = { namespace, signal };
  const optional = <T>(list: Promise<{ items: T[] }>): Promise<{ items: T[] }> =>
    list.catch((error: unknown) => {
      // Who may not read it is told less.
      if (isForbidden(error) || isNotFound(error)) return { items: [] };
      throw error;
    });
  const [services, pods, deployments, slices, events, nodes, dnsPods] = await Promise.all([
    client
      .resource('Service')
      .list({ signal })
      .catch((error: unknown) => {
        if (isForbidden(error)) return client.resource('Service').list(some);
        throw error;
      }),
    client.resource('Pod').list(some),
    optional(client.resource('Deployment').list(some)),
    client.resource('EndpointSlice').list({ ...some, labelSelector: `kubernetes.io/service-name=${name}` }),
    optional(client.resource('Event').list(some)),
    optional(client.resource('Node').list({ signal })),
    optional(client.resource('Pod').list({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', signal })),
  ]);
  return {
    namespace,
    name,
    service: services.items.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    services: services.items,
    pods: pods.items,
    deployments: deployments.items,
    slices: slices.items,
    events: events.items,
    nodes: nodes.items,
    dnsPods: dnsPods.items,
    isHere: isHere(client.config.server),
    ask: new ClusterQuestions(client, signal),
  };
}

/** A server on a unix socket or on loopback is of a cluster of this machine. */
function isHere(server: string): boolean {
  return server.startsWith('unix:') || ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(server).hostname);
}
