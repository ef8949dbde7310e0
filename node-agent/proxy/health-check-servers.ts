import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { placeToListen, tellPlace } from '../network/listen.ts';
import type { ServiceTable } from './proxier.ts';

interface HealthCheck {
  /** `namespace/name` of the Service. */
  readonly service: string;
  readonly localEndpoints: number;
}

/** Answers load balancers on the health check node ports: 200 where the Service has ready endpoints on this node, else 503, as kube-proxy. */
export class HealthCheckServers {
  readonly #address: string;
  readonly #servers = new Map<number, http.Server>();
  #checks = new Map<number, HealthCheck>();

  constructor(options: { address: string }) {
    this.#address = options.address;
  }

  update(table: ServiceTable): void {
    this.#checks = new Map(
      table.services.flatMap(({ name, healthCheckNodePort, localEndpoints }) =>
        healthCheckNodePort === undefined
          ? []
          : [[healthCheckNodePort, { service: name.split(':')[0] ?? name, localEndpoints }] as const],
      ),
    );
    for (const [port, server] of this.#servers)
      if (!this.#checks.has(port)) {
        this.#servers.delete(port);
        server.close();
        server.closeAllConnections();
      }
    for (const port of this.#checks.keys()) if (!this.#servers.has(port)) this.#listen(port);
  }

  async close(): Promise<void> {
    this.update({ services: [] });
  }

  #listen(port: number): void {
    const server = http.createServer((_, response) => {
      const { service = '', localEndpoints = 0 } = this.#checks.get(port) ?? {};
      const [namespace, name] = service.split('/');
      response.writeHead(localEndpoints > 0 ? 200 : 503, {
        'content-type': 'application/json',
        'x-load-balancing-endpoint-weight': String(localEndpoints),
      });
      response.end(JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: true }));
    });
    // A port that is taken is tried again with the next table.
    server.once('error', () => this.#servers.delete(port));
    const place = { protocol: 'TCP', address: this.#address, port } as const;
    const real = placeToListen(place);
    server.listen(real.port, real.address, () => {
      server.once('close', tellPlace(place, server.address() as AddressInfo)); // of TCP
    });
    this.#servers.set(port, server);
  }
}
