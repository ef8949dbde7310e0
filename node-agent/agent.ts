import { mkdirSync } from 'node:fs';
import type { Node, Service } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { EventRecorder } from '@skiff/client/events';
import { Informer } from '@skiff/client/informer';
import { Informers } from '@skiff/client/informers';
import { type Clock, systemClock } from './clock.ts';
import { type AgentConfig, podFolders } from './config.ts';
import type { ImageStore } from './images/image-store.ts';
import { LogRotation } from './logs/log-rotation.ts';
import { dial } from './network/dial.ts';
import { dialPod } from './network/pod-dialer.ts';
import type { PodNetwork } from './network/pod-network.ts';
import { NodeLease } from './node/lease.ts';
import { NodeRegistration } from './node/registration.ts';
import type { NodeServices } from './pods/node-services.ts';
import { PodManager } from './pods/pod-manager.ts';
import { StatusWriter } from './pods/status-writer.ts';
import { StorageEviction } from './pods/storage-eviction.ts';
import { type ContainerProbes, PodProbes, type PodProbesOptions } from './probes/pod-probes.ts';
import type { Proxier } from './proxy/proxier.ts';
import { type ProgrammedState, ServiceProxy } from './proxy/service-proxy.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';
import { AgentServer } from './server/agent-server.ts';
import { attachEndpoint, execEndpoint } from './server/command-endpoints.ts';
import { connectionEndpoint } from './server/connection-endpoint.ts';
import { logEndpoint } from './server/log-endpoint.ts';
import { NodePods } from './server/node-pods.ts';
import { portForwardEndpoint } from './server/port-forward-endpoint.ts';
import { servicesEndpoint } from './server/services-endpoint.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { ReferencedObjects } from './volumes/referenced-objects.ts';
import { ServiceAccountTokens } from './volumes/service-account-tokens.ts';

/** The part of a pino logger that is used. */
export interface Logger {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}

/** How long Pods wait for the node's Services at the start. */
const SERVICES_LIMIT_MS = 5000;

const silent: Logger = { info: () => undefined, warn: () => undefined };

export interface NodeAgentOptions {
  readonly config: AgentConfig;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly podNetwork: PodNetwork;
  readonly images: Pick<ImageStore, 'resolve'>;
  /** Carries Services; without one, nothing does. Closing it is the caller's. */
  readonly proxier?: Proxier | undefined;
  /** Called each time after new connections follow a new table of Services. */
  readonly onProgrammed?: ((state: ProgrammedState) => void) | undefined;
  /** A Node that is registered already: a program registers first and builds the rest meanwhile. */
  readonly registration?: NodeRegistration | undefined;
  /** What probes containers, where they are no programs. */
  readonly probes?: ((options: PodProbesOptions) => ContainerProbes) | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** The kubelet and the kube-proxy of one node. Construct, `start`, `close`; closing leaves the Pods and the rules as they are. */
export class NodeAgent implements AsyncDisposable {
  readonly registration: NodeRegistration;
  readonly pods: PodManager;
  readonly #options: NodeAgentOptions;
  readonly #stopping = new AbortController();
  readonly #informers: Informers;
  readonly #ownNode: Informer<Node>;
  readonly #events: EventRecorder;
  readonly #lease: NodeLease;
  readonly #logRotation: LogRotation;
  readonly #storageEviction: StorageEviction;
  readonly #server: AgentServer;
  readonly #proxy: ServiceProxy | undefined;

  constructor(options: NodeAgentOptions) {
    const { config, client, runtime, podNetwork, images, proxier, clock = systemClock, logger = silent } = options;
    this.#options = options;
    mkdirSync(config.dataDir, { recursive: true });
    mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
    const { nodeName, nodeIP } = config;
    this.registration = options.registration ?? new NodeRegistration({ config, client, clock });
    this.#informers = new Informers(client);
    this.#ownNode = new Informer(client.resource('Node'), { fieldSelector: `metadata.name=${nodeName}` });
    this.#events = new EventRecorder(client, { component: 'kubelet', host: nodeName, clock });
    const objects = new ReferencedObjects({ client, clock });
    const tokens = new ServiceAccountTokens({ client, clock });
    const allocatable = (): Record<string, string> => this.registration.node?.status?.allocatable ?? {};
    const node: NodeServices = {
      ...{ config, client, clock, runtime, podNetwork, images, objects, allocatable },
      events: this.#events,
      volumes: new PodVolumes({ config, clock, objects, tokens, allocatable }),
      statuses: new StatusWriter({ client, clock }),
      probes: options.probes ?? ((given) => new PodProbes(given)),
      services: () => this.#services(),
      thisNode: () => this.registration.node,
    };
    this.pods = new PodManager(node);
    this.#lease = new NodeLease({ client, nodeName, clock, node: () => this.registration.node });
    this.#logRotation = new LogRotation({ folder: podFolders.allLogs(config), clock });
    this.#storageEviction = new StorageEviction({ pods: () => this.pods.all(), config, runtime, clock });
    this.#server = this.#makeServer();
    this.#proxy =
      proxier &&
      new ServiceProxy({
        ...{ informers: this.#informers, nodes: this.#ownNode, nodeName, nodeIP, proxier, logger },
        ...(options.onProgrammed && { onProgrammed: options.onProgrammed }),
      });
  }

  /** Resolves when the Node is registered and its Pods and Services are being followed. */
  async start(options: { signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
    const { signal } = this.#stopping;
    const { runtime } = this.#options;
    if (this.registration.node === undefined) await this.registration.register(runtime.version);
    this.#lease.start({ signal });
    this.#informers.for('Service');
    this.#informers.start({ signal });
    this.#ownNode.onChange(({ type, object }) => {
      if (type !== 'deleted') this.registration.observe(object);
    });
    this.#ownNode.start({ signal });
    this.#proxy?.start({ signal });
    this.registration.start({ signal });
    await this.#server.start();
    await this.#untilServicesAreThere();
    if (!signal.aborted) this.pods.start({ signal });
    this.#logRotation.start({ signal });
    this.#storageEviction.start({ signal });
  }

  /**
   * A Pod that calls a Service before this node carries it loses its first packets, and with them seconds. But Pods run even where
   * Services can't be programmed.
   */
  async #untilServicesAreThere(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(SERVICES_LIMIT_MS, resolve);
    await Promise.race([this.programmed(), promise]);
    cancel();
  }

  /** Resolves when all Services that there were at the start can be used from here. */
  async programmed(): Promise<void> {
    await this.#proxy?.synced();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#server.close(), this.pods.close(), this.#proxy?.close()]);
    await this.#events.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeServer(): AgentServer {
    const { config, runtime, podNetwork, proxier } = this.#options;
    const pods = new NodePods({ pod: ({ namespace = '', name }) => this.pods.find(namespace, name)?.pod, runtime });
    return new AgentServer({
      socketPath: config.socketPath,
      endpoints: {
        containerLogs: logEndpoint({ pods, runtime, folder: (pod) => podFolders.logs(config, pod.metadata) }),
        services: servicesEndpoint(proxier),
        connection: connectionEndpoint(dial),
        healthz: (_request, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
      },
      upgrades: {
        exec: execEndpoint({ pods, runtime }),
        attach: attachEndpoint({ pods, runtime }),
        portForward: portForwardEndpoint({ pods, dialer: (pod) => (port) => dialPod(podNetwork, pod, port) }),
      },
      dial,
    });
  }

  async #services(): Promise<readonly Service[]> {
    const services = this.#informers.for('Service');
    await services.synced();
    return services.list();
  }
}
