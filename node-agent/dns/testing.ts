import type { EndpointSlice, Service } from '@skiff/api/types';
import type { ClusterView } from './cluster-view.ts';

type Endpoints = NonNullable<EndpointSlice['endpoints']>;

/** A cluster's names for tests, without a cluster. */
export class TestView implements ClusterView {
  readonly #services: Service[] = [];
  readonly #slices: EndpointSlice[] = [];

  add(name: string, spec: Service['spec'], endpoints: Endpoints = []): this {
    const metadata = { name, namespace: 'default' };
    this.#services.push({ apiVersion: 'v1', kind: 'Service', metadata, ...(spec && { spec }) });
    this.#slices.push({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints,
      ports: (spec?.ports ?? []).map(({ name: port = '', protocol = 'TCP', targetPort }) => ({
        name: port,
        protocol,
        port: Number(targetPort),
      })),
    });
    return this;
  }

  hasNamespace(name: string): boolean {
    return name === 'default';
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  slices(namespace: string, service: string): EndpointSlice[] {
    return this.#slices.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === service,
    );
  }

  serviceByIP(ip: string): Service | undefined {
    return this.#services.find(({ spec }) => spec?.clusterIP === ip);
  }

  slicesByIP(ip: string): EndpointSlice[] {
    return this.#slices.filter(({ endpoints = [] }) => endpoints.some(({ addresses }) => addresses.includes(ip)));
  }
}
