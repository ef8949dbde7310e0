import { mkdirSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, systemClock } from '@skiff/api/clock';
import { kindNamed, kinds, views } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { admitted } from './admission/admitted-strategy.ts';
import { ResourceQuotas } from './admission/resource-quotas.ts';
import { Authenticator, admin } from './authentication/authenticator.ts';
import { ServiceAccountTokens } from './authentication/service-account-tokens.ts';
import { type ClusterAuthorizer, clusterAuthorizer } from './authorization/authorizer.ts';
import { ensureBootstrapRoles, ensureNamespaceRoles, type RoleWriter } from './authorization/bootstrap/ensure.ts';
import { guarded } from './authorization/guarded-strategy.ts';
import { type Certificates, ensureCertificates } from './certificates/certificates.ts';
import type { ApiServerConfig } from './config.ts';
import { DefinitionController } from './custom-resources/definition/controller.ts';
import { Doors } from './doors/doors.ts';
import { ensureSystemObjects } from './hooks/system-objects.ts';
import { createApp } from './http/app.ts';
import { Gate } from './http/gate.ts';
import type { Interceptor } from './http/interceptor.ts';
import { refuseUpgrade, Upgrades } from './http/upgrades.ts';

import { Registry } from './registry/registry.ts';
import { Resources } from './registry/resources.ts';
import { builtInForm } from './registry/shape.ts';
import { createStrategies } from './registry/strategies.ts';
import type { User } from './registry/strategy.ts';
import { viewRegistry } from './registry/views/views.ts';
import type { RouteServices } from './routes/route.ts';
import { writeContext } from './routes/services.ts';
import { openStore } from './storage/sqlite-store.ts';
import type { Store } from './storage/store.ts';
import { Caches } from './watch/caches.ts';

/** What is put together at start and taken apart at close. */
interface Running {
  readonly store: Store;
  readonly caches: Caches;
  readonly doors: Doors;
  readonly upgrades: Upgrades;
  readonly definitions: DefinitionController;
  readonly certificates: Certificates;
}

/** The client certificates that every cluster has. */
const clients = [
  { user: 'kubernetes-admin', groups: ['system:masters'] },
  { user: 'system:kube-controller-manager' },
  { user: 'system:kube-scheduler' },
];

/** The server as the client of its own writes. */
const asker = ({ clock }: Pick<RouteServices, 'clock'>) => ({
  user: admin,
  now: new Date(clock.now()),
  warnings: new Set<string>(),
  agent: 'kube-apiserver',
});

export interface ApiServerOptions {
  /** Told of every failure that is the server's own fault; `request` is empty where nobody asked for anything. */
  readonly onError?: (error: unknown, request: Pick<IncomingMessage, 'method' | 'url'>) => void;
  /** What the times of objects are told by. */
  readonly clock?: Clock | undefined;
  /** By default `state.db` in the data folder. The server closes it. */
  readonly store?: Store | undefined;
  /** Whether the store has all that the server makes at its first start, as it makes it, and need not be looked through. Default false. */
  readonly bootstrapped?: boolean;
  /** By default those of the data folder, which are made when they are missing. */
  readonly certificates?: Certificates | undefined;
  /** For tests. */
  readonly interceptor?: Interceptor | undefined;
}

/** The API server: the truth, and the doors to it. Construct, `start`, use `url`, `close`. */
export class ApiServer implements AsyncDisposable {
  readonly #config: ApiServerConfig;
  readonly #options: ApiServerOptions;
  readonly #stopping = new AbortController();
  #running: Running | undefined;
  #ready = false;

  constructor(config: ApiServerConfig, options: ApiServerOptions = {}) {
    this.#config = config;
    this.#options = options;
  }

  /** Opens the store and the doors; resolves when the system's own objects are there. Rejects with what to do about it. */
  async start(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { dataDir, port, socketPath, serviceCIDR, advertise } = this.#config;
    const names = [...this.#config.names, firstAddress(serviceCIDR), advertise.address];
    const { interceptor } = this.#options;
    const onError = (error: unknown, request: IncomingMessage): void => {
      // What fails because the server ends is nobody's fault.
      if (!this.#stopping.signal.aborted) this.#options.onError?.(error, request);
    };
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const certificates =
      this.#options.certificates ??
      ensureCertificates(join(dataDir, 'pki'), { clients: [...clients, ...this.#config.clients], names });
    const store = this.#options.store ?? openStore({ path: join(dataDir, 'state.db') });
    const caches = new Caches({ store });
    caches.start();
    const authorizer = clusterAuthorizer(caches);
    const services = this.#services({ store, caches, certificates, authorizer });
    const gate = new Gate({
      authenticator: new Authenticator({ tokens: services.tokens }),
      authorizer,
    });
    const app = createApp({
      gate,
      services,
      serverAddress: () => `127.0.0.1:${this.port}`,
      readiness: () => ({ ready: this.#ready, detail: `[${this.#ready ? '+' : '-'}]poststarthook/bootstrap` }),
      onError,
      interceptor,
    });
    const upgrades = new Upgrades(services);
    const doors = new Doors({
      handlers: {
        request: app,
        upgrade: async (request, socket, head, door) => {
          socket.on('error', () => socket.destroy());
          try {
            const admitted = gate.admit(request, door);
            await interceptor?.({ ...admitted, http: request });
            await upgrades.accept(request, socket, head, admitted);
          } catch (error) {
            refuseUpgrade(socket, error);
          }
        },
      },
      https: { port, serving: certificates.serving, ca: certificates.ca },
      unix: socketPath,
    });
    const definitions = this.#definitions(services);
    definitions.start();
    this.#running = { store, caches, doors, upgrades, definitions, certificates };
    try {
      if (!this.#options.bootstrapped) await this.#bootstrap(services);
      await doors.start();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#ready = true;
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** `https://127.0.0.1:PORT`. */
  get url(): string {
    return this.#started.doors.url;
  }

  get port(): number {
    return this.#started.doors.port;
  }

  /** For whoever writes kubeconfigs. */
  get certificates(): Certificates {
    return this.#started.certificates;
  }

  /** Answers requests from within this process, which speak for a user. */
  handlerFor(user: User): RequestListener {
    return this.#started.doors.handlerFor(user);
  }

  /** Serves on a listening socket that another process opened (the cluster's LAN side). */
  adopt(listener: TcpServer): void {
    this.#started.doors.adopt(listener);
  }

  /** Ends watches in order, waits for writes under way, closes the store. May be called again. */
  async close(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#ready = false;
    this.#stopping.abort();
    if (!running) return;
    running.upgrades.close();
    await running.doors.close();
    await running.definitions.close();
    await running.caches.close();
    await running.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #started(): Running {
    if (!this.#running) throw new Error('the API server is not started');
    return this.#running;
  }

  #services(
    parts: Pick<Running, 'store' | 'caches' | 'certificates'> & { authorizer: ClusterAuthorizer },
  ): RouteServices {
    const { store, caches, certificates } = parts;
    const { serviceCIDR, nodePortRange, nodeSockets } = this.#config;
    const { clock = systemClock } = this.#options;
    const strategies = createStrategies({ serviceCIDR, nodePortRange, caches });
    const resources = new Resources();
    const quotas = new ResourceQuotas();
    for (const kind of kinds) {
      const strategy = admitted(kind, guarded(kind, strategies(kind), parts), { quotas });
      resources.add(new Registry({ kind, strategy, form: builtInForm(kind), store, caches }));
    }
    for (const view of views) {
      resources.addView(viewRegistry(view, { strategy: strategies(kindNamed(view.of)), store, caches }));
    }
    const tokens = new ServiceAccountTokens({
      key: certificates.serviceAccountKey,
      lookup: (kind, { namespace, name }) => resources.named(kind).cache.get(namespace, name)?.object,
      clock,
    });
    const nodeSocket = (node: string): string => nodeSockets.replaceAll('NODE', node);
    return {
      store,
      caches,
      resources,
      tokens,
      nodeSocket,
      authorizer: parts.authorizer,
      stopping: this.#stopping.signal,
      clock,
    };
  }

  #definitions(services: RouteServices): DefinitionController {
    const { resources, store, caches } = services;
    return new DefinitionController({
      resources,
      store,
      caches,
      context: ({ subresource = '' } = {}) => writeContext(asker(services), services, { dryRun: false, subresource }),
      onError: (error) => {
        if (!this.#stopping.signal.aborted) this.#options.onError?.(error, {});
      },
    });
  }

  async #bootstrap(services: RouteServices): Promise<void> {
    const context = writeContext(asker(services), services, { dryRun: false });
    const { serviceCIDR, advertise } = this.#config;
    const roles: RoleWriter = {
      get: (kind, name, namespace = '') => services.resources.named(kind).cache.get(namespace, name)?.object,
      // Typed objects are KubeObjects without an index signature.
      create: (object) => services.resources.named(object.kind).create(object as KubeObject, context),
      update: (object) =>
        services.resources.named(object.kind).update(object.metadata, () => object as KubeObject, context),
    };
    await ensureBootstrapRoles(roles);
    await ensureSystemObjects(services, context, {
      serviceCIDR,
      serviceAddress: firstAddress(serviceCIDR),
      advertise,
    });
    await ensureNamespaceRoles(roles);
  }
}

/** The first address of a range: `10.96.0.0/16` gives `10.96.0.1`. */
function firstAddress(cidr: string): string {
  const [base = ''] = cidr.split('/');
  return base.replace(/\d+$/, (last) => String(Number(last) + 1));
}
