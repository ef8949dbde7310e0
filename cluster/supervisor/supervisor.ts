import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, ensureCertificates } from '@skiff/apiserver/certificates/certificates';
import { Client } from '@skiff/client/client';
import { DataFolder } from '../data-folder.ts';
import { kubeconfigText } from '../kubeconfig/kubeconfig.ts';
import { type AddressPlan, ownPlan } from '../network/address-plan.ts';
import { nodeName } from '../network/addresses.ts';
import { HostLoadBalancer } from '../network/host-load-balancer.ts';
import type { HostPortBroker } from '../network/host-ports.ts';
import { isFree, sendable } from '../network/socket-handle.ts';
import { applyManifest, untilAvailable } from './apply-manifest.ts';
import { chooseNetwork } from './choose-network.ts';
import { ClusterNodes } from './cluster-nodes.ts';
import { serveLoadBalancers } from './load-balancers.ts';
import type { ClusterConfig, ClusterStatus, NodeOrder, Progress } from './messages.ts';
import { brokerFor } from './network-broker.ts';
import type { NodeNetwork } from './node-network.ts';
import { untilNodePortsOpen } from './node-ports.ts';
import { Part } from './part.ts';
import { nodeFlags, programs } from './programs.ts';
import { removeSurplusNodes } from './surplus-nodes.ts';

const manifests = join(import.meta.dirname, '..', 'manifests');
interface Identity {
  readonly user: string;
  readonly groups?: readonly string[];
}

const admin: Identity = { user: 'kubernetes-admin', groups: ['system:masters'] };
const controller: Identity = { user: 'system:kube-controller-manager' };
/** Where people expect an API server; another cluster may have it. */
const USUAL_PORT = 6443;

/** The nodes, once it is known what they are on. */
interface Ground {
  readonly network: NodeNetwork;
  readonly nodes: ClusterNodes;
  readonly broker: HostPortBroker;
}

/** Puts the parts of a cluster together, and keeps them running until it is closed. */
export class Supervisor {
  readonly #config: ClusterConfig;
  readonly #folder: DataFolder;
  readonly #report: (progress: Progress) => void;
  readonly #began = performance.now();
  readonly #since = new Date().toISOString();
  readonly #parts: Part[] = [];
  #ground: Ground | undefined;
  #certificates: Certificates | undefined;
  #url = '';
  #closing = false;

  constructor(config: ClusterConfig, options: { report: (progress: Progress) => void }) {
    this.#config = config;
    this.#folder = new DataFolder(config.dataDir);
    this.#report = options.report;
  }

  /** Resolves when the cluster is ready to use; rejects with what to do about it, and then nothing is left running. */
  async start(): Promise<void> {
    mkdirSync(this.#folder.logs, { recursive: true, mode: 0o700 });
    const opening = this.#open();
    opening.catch(() => undefined); // told below
    // While it is being found out what the nodes are on: most often it is a network of their own.
    this.#makeCertificates(ownPlan);
    const { network, nodes, broker } = await opening;
    if (network.plan !== ownPlan) this.#makeCertificates(network.plan);

    const networkMade = nodes.count > 0 ? network.start() : undefined;
    networkMade?.catch(() => undefined); // told below, when the API server is there
    const apiserver = this.#startApiServer(network);
    const { url } = await apiserver.ready();
    this.#url = String(url);
    writeFileSync(this.#folder.portFile, new URL(this.#url).port);
    this.#writeKubeconfig();
    this.#stage('API server');
    using client = this.#adminClient();
    const wanted = nodes.list().map(({ name }) => name);
    const gone = await removeSurplusNodes(client, { folder: this.#folder, wanted });
    if (gone.length > 0) this.#notice(`no longer there, with what ran on them: ${gone.join(', ')}`);
    const controllers = this.#startControllers(broker);
    let nodesMs: number | undefined;
    let samplePorts: number[] = [];
    if (networkMade) {
      await networkMade;
      this.#stage('network');
      const agents = nodes.startAll();
      // While the nodes start: what is to run on them first is there when they come.
      const dns = applyManifest(client, join(manifests, 'cluster-dns.yaml'), { clusterIP: network.plan.dns });
      await controllers.ready();
      this.#stage('controllers');
      await Promise.all(agents.map((agent) => agent.ready()));
      nodesMs = performance.now() - this.#began;
      this.#stage(`${agents.length} nodes`);
      const sample = this.#config.sample === undefined ? [] : applyManifest(client, this.#config.sample);
      await untilAvailable(client, await dns);
      this.#stage('DNS');
      await untilAvailable(client, await sample);
      samplePorts = await untilNodePortsOpen(broker, await sample);
      if (this.#config.sample !== undefined) this.#stage('sample');
      for (const { address, port } of broker.refused())
        this.#notice(`${address}:${port} is used by another program: the Service is reached inside the cluster only`);
    } else {
      await controllers.ready();
      this.#stage('controllers');
    }
    const ms = performance.now() - this.#began;
    const sampleUrls = samplePorts.map((port) => `http://127.0.0.1:${port}`);
    this.#report({
      type: 'up',
      ms,
      url: this.#url,
      nodes: nodes.count,
      sampleUrls,
      ...(nodesMs !== undefined && { nodesMs }),
    });
  }

  status(): ClusterStatus {
    const { name } = this.#config;
    const { network, nodes, broker } = this.#ground ?? {};
    const parts = [...this.#parts, ...(nodes?.parts ?? [])].map((part) => part.status);
    const hostPorts = broker?.list() ?? [];
    return {
      ...{ name, pid: process.pid, url: this.#url, nodes: nodes?.list() ?? [], since: this.#since, parts, hostPorts },
      ...(network?.entrance && { entrance: network.entrance }),
      ...(network?.portsDir && { portsDir: network.portsDir }),
      ...(network && { network: network.kind, clusterDNS: network.plan.dns }),
    };
  }

  /** Does something to a node while the cluster runs; resolves with its name when it is done. */
  async orderNode(order: NodeOrder): Promise<string> {
    if (this.#ground === undefined) throw new Error('the cluster is still being started');
    const { nodes } = this.#ground;
    if (order.verb === 'add') return nodes.add();
    await (order.verb === 'stop' ? nodes.stop(order.name) : nodes.start(order.name));
    return order.name;
  }

  /** Ends every part, then the network with all Pods; the API server last, so that the others can finish. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const [apiserver, ...others] = this.#parts;
    await Promise.all([this.#ground?.nodes.close(), ...others.map((part) => part.stop())]);
    await this.#ground?.network.close();
    await apiserver?.stop();
    this.#ground?.broker.close();
  }

  #makeCertificates({ apiService, apiServer }: AddressPlan): void {
    const nodes = Array.from({ length: this.#config.nodes }, (_, position) => nodeName(position + 1));
    const identities = nodes.map((name) => ({ user: `system:node:${name}`, groups: ['system:nodes'] }));
    const clients = [admin, controller, ...identities];
    const names = [apiService, apiServer.address];
    this.#certificates = ensureCertificates(this.#folder.pki, { clients, names });
  }

  async #open(): Promise<Ground> {
    const { nodes: count } = this.#config;
    const network = await chooseNetwork({
      config: this.#config,
      folder: this.#folder,
      nodes: () => this.#ground?.nodes.count ?? count,
      onSocket: (socket) => this.#parts[0]?.send({ type: 'listen', name: 'lan' }, sendable(socket)),
      notice: (text) => this.#notice(text),
    });
    const broker = brokerFor(network);
    const nodes = new ClusterNodes({
      ...{ config: this.#config, folder: this.#folder, network, broker },
      credentials: (user, server) => this.#credentials({ user, groups: ['system:nodes'] }, server),
    });
    this.#ground = { network, nodes, broker };
    return this.#ground;
  }

  #stage(stage: string): void {
    this.#report({ type: 'stage', stage, ms: performance.now() - this.#began });
  }

  #notice(text: string): void {
    this.#report({ type: 'notice', text });
  }

  #part(options: Omit<ConstructorParameters<typeof Part>[0], 'logFile'>): Part {
    const part = new Part({ ...options, logFile: this.#folder.log(options.name) });
    this.#parts.push(part);
    part.start();
    return part;
  }

  #startApiServer(network: NodeNetwork): Part {
    const port = this.#choosePort();
    return this.#part({
      name: 'apiserver',
      command: () => [process.execPath, ...nodeFlags, programs.apiserver],
      config: () => ({
        dataDir: this.#folder.path,
        port: this.#url ? Number(new URL(this.#url).port) : port,
        socketPath: this.#folder.apiSocket,
        nodeSockets: this.#folder.nodeSocket('NODE'),
        serviceCIDR: network.plan.services,
        advertise: network.plan.apiServer,
      }),
      onStart: (child) => {
        const { socket } = network;
        if (socket) child.send({ type: 'listen', name: 'lan' }, sendable(socket));
      },
      onFailure: () => undefined,
    });
  }

  /** The port that was asked for, which must be free; else the last one or the usual one, or any if that is in use. */
  #choosePort(): number {
    const { apiPort } = this.#config;
    if (apiPort !== undefined && apiPort > 0) return apiPort;
    const wished = this.#lastPort() ?? (apiPort === undefined ? USUAL_PORT : 0);
    if (wished === 0 || isFree('127.0.0.1', wished)) return wished;
    if (apiPort === undefined) this.#notice(`port ${wished} of this machine is in use: the API server takes another`);
    return 0;
  }

  #lastPort(): number | undefined {
    try {
      return Number(readFileSync(this.#folder.portFile, 'utf8')) || undefined;
    } catch {
      return undefined;
    }
  }

  #credentials({ user, groups }: Identity, server: string): { server: string; ca: string; cert: string; key: string } {
    // A node that was added has none yet.
    const known = this.#certificates?.clients.has(user) ? this.#certificates : undefined;
    const { ca, clients } =
      known ?? ensureCertificates(this.#folder.pki, { clients: [{ user, ...(groups && { groups }) }] });
    const pair = clients.get(user);
    if (!pair) throw new Error(`no certificate was made for "${user}"`);
    return { server, ca, cert: pair.cert, key: pair.key };
  }

  #startControllers(broker: HostPortBroker): Part {
    const balancers = new HostLoadBalancer({ broker });
    return this.#part({
      name: 'controllers',
      command: () => [process.execPath, ...nodeFlags, programs.controllers],
      config: () => this.#credentials(controller, this.#url),
      onStart: (child) => serveLoadBalancers(child, balancers),
      onFailure: () => undefined,
    });
  }

  #writeKubeconfig(): void {
    const text = kubeconfigText(this.#config.name, this.#credentials(admin, this.#url));
    writeFileSync(this.#folder.kubeconfig, text, { mode: 0o600 });
  }

  #adminClient(): Client {
    return new Client({ server: `unix:${this.#folder.apiSocket}` });
  }
}
