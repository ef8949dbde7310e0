import type { EndpointSlice, Namespace, Service } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { Informer } from '@skiff/client/informer';

/** What the cluster's zone is made of. Objects are read-only. */
export interface ClusterView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  /** The endpoint slices of a Service. */
  slices(namespace: string, service: string): readonly EndpointSlice[];
  serviceByIP(ip: string): Service | undefined;
  slicesByIP(ip: string): readonly EndpointSlice[];
}

const SERVICE_NAME = 'kubernetes.io/service-name';

/** The view that follows an API server. */
export class WatchedCluster implements ClusterView {
  readonly #namespaces: Informer<Namespace>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;

  /** `onError` is told of whatever keeps the view from being up to date. */
  constructor(client: Client, { onError }: { onError: (error: unknown) => void }) {
    this.#namespaces = new Informer(client.resource('Namespace'), { onError });
    this.#services = new Informer(client.resource('Service'), {
      onError,
      indexers: { ip: ({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP ?? ''] },
    });
    this.#slices = new Informer(client.resource('EndpointSlice'), {
      onError,
      indexers: {
        service: ({ metadata }) => [`${metadata.namespace}/${metadata.labels?.[SERVICE_NAME] ?? ''}`],
        // An empty slice has null for its endpoints.
        ip: ({ endpoints }) => [...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses))],
      },
    });
  }

  /** Follows the server until the signal aborts. Resolves when the view is whole. */
  async start({ signal }: { signal: AbortSignal }): Promise<void> {
    const informers = [this.#namespaces, this.#services, this.#slices];
    for (const informer of informers) informer.start({ signal });
    await Promise.all(informers.map((informer) => informer.synced()));
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.get({ name }) !== undefined;
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get({ namespace, name });
  }

  slices(namespace: string, service: string): EndpointSlice[] {
    return this.#slices.byIndex('service', `${namespace}/${service}`);
  }

  serviceByIP(ip: string): Service | undefined {
    return this.#services.byIndex('ip', ip)[0];
  }

  slicesByIP(ip: string): EndpointSlice[] {
    return this.#slices.byIndex('ip', ip);
  }
}
