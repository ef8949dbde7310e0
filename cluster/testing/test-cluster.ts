import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, systemClock } from '@skiff/api/clock';
import type { CustomResourceDefinition } from '@skiff/api/types';
import { admin } from '@skiff/apiserver/authentication/authenticator';
import type { Certificates } from '@skiff/apiserver/certificates/certificates';
import { parseConfig } from '@skiff/apiserver/config';
import type { User } from '@skiff/apiserver/registry/strategy';
import { ApiServer } from '@skiff/apiserver/server';
import { openStore } from '@skiff/apiserver/storage/sqlite-store';
import type { Store } from '@skiff/apiserver/storage/store';
import { Client } from '@skiff/client/client';
import type { ClientConfig } from '@skiff/client/config';
import type { Logger } from '@skiff/client/reconciler';
import type { New } from '@skiff/client/resource';
import { ControllerManager } from '@skiff/controllers/manager';
import { DataFolder } from '../data-folder.ts';
import { kubeconfigText } from '../kubeconfig/kubeconfig.ts';
import { ownPlan } from '../network/address-plan.ts';
import { certificatesFor } from './certificates.ts';
import { establish } from './custom-resources.ts';
import { ensureDefaultAccount } from './default-account.ts';
import { Faults } from './faults.ts';
import { nodeIdentity } from './node-identity.ts';
import type { RealNodes, RealNodesServer } from './real-nodes.ts';
import type { RequestLog } from './request-log.ts';
import { SimulatedNode } from './simulated-node.ts';
import { SimulatedPods } from './simulated-pods.ts';
import { copySystemState, rememberSystemState } from './system-state.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import type { TestNode } from './test-node.ts';

export interface TestClusterOptions {
  /** How many nodes. Default 1. Unless they are real, their Pods become Running and Ready without a process. */
  readonly nodes?: number;
  /** Nodes as `skiff up` has them: Pods are processes in a network of their own (or the host's), with DNS. It takes seconds. */
  readonly realNodes?: boolean;
  /** Whether the controllers run. Default true. */
  readonly controllers?: boolean;
  /** CustomResourceDefinitions, whose resources are served when the cluster has started. */
  readonly crds?: readonly New<CustomResourceDefinition>[];
  /** How long, in milliseconds, a node may be silent before it is NotReady. Default 40 s. */
  readonly nodeGraceMs?: number;
  /** What all times of the cluster are told by: see TestClock. Real nodes have their own. */
  readonly clock?: Clock;
  /** The state to start from: what {@link TestCluster.snapshot} gave. */
  readonly from?: Uint8Array;
  /** Told what the parts of the cluster log. By default only failures of the API server itself are written, to stderr. */
  readonly logger?: Logger;
}

interface Parts {
  readonly temporary: TemporaryFolder;
  readonly store: Store;
  readonly server: ApiServer;
  readonly certificates: Certificates;
  readonly faults: Faults;
  readonly realNodes: RealNodes | undefined;
}

const ignore = (): void => undefined;
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

const authenticated = 'system:authenticated';
const controllerManager: User = { name: 'system:kube-controller-manager', groups: [authenticated] };

/** A whole cluster inside this process. Dispose of it to leave nothing behind: `await using cluster = await startCluster()`. */
export class TestCluster implements AsyncDisposable {
  /** Speaks as kubernetes-admin. */
  readonly client: Client;
  /** What the Pods of simulated nodes do. */
  readonly pods: SimulatedPods;
  readonly nodes: ReadonlyMap<string, TestNode>;
  /** What can be made to go wrong between clients and the API server. */
  readonly faults: Faults;
  readonly #temporary: TemporaryFolder;
  readonly #folder: DataFolder;
  readonly #certificates: Certificates;
  readonly #store: Store;
  readonly #server: ApiServer;
  readonly #controllers: ControllerManager | undefined;
  readonly #simulatedNodes: ReadonlyMap<string, SimulatedNode>;
  readonly #realNodes: RealNodes | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: TestClusterOptions, parts: Parts) {
    this.#temporary = parts.temporary;
    this.#folder = new DataFolder(parts.temporary.path);
    this.#store = parts.store;
    this.#server = parts.server;
    this.#certificates = parts.certificates;
    this.faults = parts.faults;
    this.client = new Client({ userAgent: 'skiff-test', ...this.#clientFor(admin) });
    const nodes = new Map<string, SimulatedNode>();
    this.#simulatedNodes = nodes;
    this.#realNodes = parts.realNodes;
    this.nodes = parts.realNodes?.all ?? nodes;
    this.pods = new SimulatedPods(() => nodes.values());
    for (const index of parts.realNodes ? [] : indexes(options)) {
      const { user, groups } = nodeIdentity(index);
      const node = new SimulatedNode({
        index,
        client: this.#clientFor({ name: user, groups: [...groups, authenticated] }),
        folder: this.#folder,
        pods: this.pods,
        clock: options.clock,
        restored: options.from !== undefined,
      });
      nodes.set(node.name, node);
    }
    if (options.controllers ?? true) {
      this.#controllers = new ControllerManager(this.#clientFor(controllerManager), {
        logger: options.logger ?? silent,
        loadBalancer: parts.realNodes?.loadBalancer,
        clock: options.clock,
        ...(options.nodeGraceMs !== undefined && { nodeGraceMs: options.nodeGraceMs }),
      });
    }
  }

  /** Resolves when the controllers work and every node is Ready; rejects with nothing left running. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const temporary = new TemporaryFolder({ large: options.realNodes ?? false });
    const folder = new DataFolder(temporary.path);
    const realNodes = options.realNodes ? await openRealNodes(options, { temporary, folder }) : undefined;
    const identities = options.realNodes ? indexes(options).map(nodeIdentity) : [];
    const { plan = ownPlan } = realNodes ?? {};
    const certificates = certificatesFor(identities, [plan.apiService, plan.apiServer.address]);
    const store = openStore({ path: ':memory:', ...(options.from && { image: options.from }) });
    const config = parseConfig({
      ...{ dataDir: folder.path, socketPath: '', nodeSockets: folder.nodeSocket('NODE') },
      ...{ serviceCIDR: plan.services, advertise: plan.apiServer },
    });
    // What is copied from cluster to cluster has addresses of the usual plan.
    const isUsual = plan === ownPlan && options.from === undefined;
    let cluster: TestCluster | undefined;
    const faults = new Faults({
      pauseController: async (name) => {
        if (!cluster) throw new Error('the cluster has not started');
        return cluster.#pauseController(name);
      },
    });
    let server: ApiServer | undefined;
    try {
      const bootstrapped = isUsual && (await copySystemState(store, { now: (options.clock ?? systemClock).now() }));
      server = new ApiServer(config, {
        ...{ store, bootstrapped, certificates },
        interceptor: faults.interceptor,
        clock: options.clock,
        onError: (error, { method, url }) =>
          process.stderr.write(`${method} ${url}: ${error instanceof Error ? error.stack : error}\n`),
      });
      await server.start();
      if (isUsual) rememberSystemState(store);
      cluster = new TestCluster(options, { temporary, store, server, certificates, faults, realNodes });
      await Promise.all([
        establish(cluster.client, options.crds ?? []),
        cluster.#controllers?.start(),
        ensureDefaultAccount(cluster.client),
        realNodes?.start(cluster.client, serverOf({ server, certificates })),
        ...[...cluster.#simulatedNodes.values()].map((node) => node.start()),
      ]);
      faults.requests.clear();
      return cluster;
    } catch (error) {
      if (!cluster) await realNodes?.close();
      await (cluster ?? server ?? store).close();
      temporary[Symbol.dispose]();
      throw error;
    }
  }

  /** `https://127.0.0.1:PORT` */
  get url(): string {
    return this.#server.url;
  }

  /** How any client reaches the cluster over TLS as kubernetes-admin. */
  get credentials(): { server: string; ca: string; cert: string; key: string } {
    return { server: this.url, ...pairOf(admin.name, this.#certificates) };
  }

  /** A kubeconfig, as a text. */
  get kubeconfig(): string {
    return kubeconfigText('test', this.credentials);
  }

  /** Writes the kubeconfig and returns where: a file that vanishes with the cluster, unless a path is given. */
  writeKubeconfig(path = this.#folder.kubeconfig): string {
    writeFileSync(path, this.kubeconfig, { mode: 0o600 });
    return path;
  }

  /** The requests that clients have sent. */
  get requests(): RequestLog {
    return this.faults.requests;
  }

  /** The state of the store as it is now, for {@link TestClusterOptions.from}. */
  snapshot(): Promise<Uint8Array> {
    return this.#store.snapshot();
  }

  /** Ends everything: nodes, controllers, server, files. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.faults.clear();
    await Promise.all([this.#realNodes?.close(), ...[...this.#simulatedNodes.values()].map((node) => node.stop())]);
    await this.#controllers?.close();
    this.client.close();
    await this.#server.close();
    this.#temporary[Symbol.dispose]();
    // What was closed leaves the event loop in its next turns.
    await nextTurn();
    await nextTurn();
  }

  #pauseController(name: string): Promise<() => void> {
    if (!this.#controllers) throw new Error(`controller "${name}" can't be paused: this cluster runs no controllers`);
    return this.#controllers.pause(name);
  }

  #clientFor(user: User): ClientConfig {
    return { server: this.#server.url, ca: this.#certificates.ca, handler: this.#server.handlerFor(user) };
  }
}

/** 1, 2, ... */
const indexes = ({ nodes = 1 }: TestClusterOptions): number[] => Array.from({ length: nodes }, (_, index) => index + 1);

function pairOf(user: string, { ca, clients }: Certificates): { ca: string; cert: string; key: string } {
  const pair = clients.get(user);
  if (!pair) throw new Error(`no certificate was made for "${user}"`);
  return { ca, ...pair };
}

/** Loaded only when they are wanted: they bring much along. */
async function openRealNodes(
  options: TestClusterOptions,
  { temporary, folder }: { temporary: TemporaryFolder; folder: DataFolder },
): Promise<RealNodes> {
  try {
    const { RealNodes } = await import('./real-nodes.ts');
    return await RealNodes.open({ count: indexes(options).length, folder });
  } catch (error) {
    temporary[Symbol.dispose]();
    throw error;
  }
}

function serverOf({ server, certificates }: { server: ApiServer; certificates: Certificates }): RealNodesServer {
  return { credentials: (user) => pairOf(user, certificates), adopt: (listener) => server.adopt(listener) };
}
