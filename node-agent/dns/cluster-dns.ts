import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Client } from '@skiff/client/client';
import type { ClientConfig } from '@skiff/client/config';
import { WatchedCluster } from './cluster-view.ts';
import { type Asker, DnsServer } from './dns-server.ts';
import { Forwarder, upstreamsOf } from './forwarder.ts';
import { queryLogLine } from './query-log.ts';
import { Responder } from './responder.ts';
import type { DnsSettings } from './settings.ts';
import { ClusterZone } from './zone.ts';

export interface ClusterDnsOptions {
  readonly client: ClientConfig;
  readonly settings: DnsSettings;
  readonly address: string;
  /** 53, 8181 and 8080 in a cluster, as CoreDNS; 0 for any that is free. */
  readonly ports: { readonly dns: number; readonly ready: number; readonly health: number };
  /** Takes the lines of the query log, and what goes wrong. */
  readonly log: (line: string) => void;
}

/** The cluster's DNS server, with the doors that its probes ask: `/health`, which answers at once, and `/ready`, when the view is whole. */
export class ClusterDns {
  readonly #options: ClusterDnsOptions;
  readonly #client: Client;
  readonly #stop = new AbortController();
  readonly #view: WatchedCluster;
  readonly #dns: DnsServer;
  readonly #doors: Server[] = [];
  #settings: DnsSettings;
  #responder: Responder;
  #isReady = false;

  constructor(options: ClusterDnsOptions) {
    this.#options = options;
    this.#client = new Client(options.client);
    this.#view = new WatchedCluster(this.#client, { onError: (error) => options.log(`[WARNING] ${String(error)}`) });
    this.#settings = options.settings;
    this.#responder = this.#responderFor(options.settings);
    this.#dns = new DnsServer({
      address: options.address,
      port: options.ports.dns,
      respond: (message, asker) => this.#respond(message, asker),
    });
  }

  /** Resolves when it answers with all that is in the cluster; waits for an API server that is away. */
  async start(): Promise<void> {
    const { health, ready } = this.#options.ports;
    await this.#open(health, '/health', () => true);
    await this.#open(ready, '/ready', () => this.#isReady);
    await this.#view.start({ signal: this.#stop.signal });
    // Answers of a half view would be kept by clients as the truth.
    await this.#dns.start();
    this.#isReady = true;
  }

  get port(): number {
    return this.#dns.port;
  }

  /** Answers by other settings from now on. Throws where they name a file that can't be read; then everything stays as it was. */
  configure(settings: DnsSettings): void {
    this.#responder = this.#responderFor(settings);
    this.#settings = settings;
  }

  /** Says so to its probes, and goes on answering. */
  drain(): void {
    this.#isReady = false;
  }

  async close(): Promise<void> {
    this.#isReady = false;
    this.#stop.abort();
    await this.#dns.close();
    for (const door of this.#doors) {
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
    }
    this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #responderFor(settings: DnsSettings): Responder {
    const upstreams = settings.forward.flatMap((to) =>
      typeof to === 'string' ? upstreamsOf(readFileSync(to, 'utf8')) : [to],
    );
    return new Responder({
      zone: new ClusterZone({ ...settings, view: this.#view }),
      forwarder: new Forwarder({ upstreams }),
    });
  }

  async #respond(message: Buffer, asker: Asker): Promise<Buffer | undefined> {
    const began = performance.now();
    const answer = await this.#responder.respond(message, asker.transport);
    if (answer === undefined || !this.#settings.log) return answer;
    const seconds = (performance.now() - began) / 1000;
    const line = queryLogLine({ query: message, answer, asker, seconds });
    if (line !== undefined) this.#options.log(line);
    return answer;
  }

  async #open(port: number, path: string, isFine: () => boolean): Promise<void> {
    const door = createServer((request, response) => {
      const code = request.url !== path ? 404 : isFine() ? 200 : 503;
      response.writeHead(code, { 'content-type': 'text/plain' }).end(code === 200 ? 'OK' : '');
    });
    this.#doors.push(door);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    door.once('error', reject).listen(port, this.#options.address, resolve);
    await promise;
  }
}
