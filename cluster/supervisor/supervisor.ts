import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, ensureCertificates } from '@skiff/apiserver/certificates/certificates';
import { Client } from '@skiff/client/client';
import { DataFolder } from '../data-folder.ts';
import { kubeconfigText } from '../kubeconfig/kubeconfig.ts';
import { HOST_ADDRESS, LAN_ADDRESS, nodeAddress, nodeName, podCIDR } from '../network/addresses.ts';
import { withSystemPrograms } from '../network/entrance.ts';
import { HostLoadBalancer } from '../network/host-load-balancer.ts';
import { HostPortBroker } from '../network/host-ports.ts';
import { nodeResolvConf } from '../network/host-resolver.ts';
import { isFree, sendable } from '../network/socket-handle.ts';
import { applyManifest, untilAvailable } from './apply-manifest.ts';
import { KeptNetwork, LAN_API_PORT } from './kept-network.ts';
import { serveLoadBalancers } from './load-balancers.ts';
import type { ClusterConfig, ClusterStatus, Progress } from './messages.ts';
import { untilNodePortsOpen } from './node-ports.ts';
import { Part } from './part.ts';
import { nodeFlags, programs } from './programs.ts';

const manifests = join(import.meta.dirname, '..', 'manifests');
const controllerUser = 'system:kube-controller-manager';
/** Where people expect an API server; another cluster may have it. */
const USUAL_PORT = 6443;

/** Puts the parts of a cluster together, and keeps them running until it is closed. */
export class Supervisor {
  readonly #config: ClusterConfig;
  readonly #folder: DataFolder;
  readonly #report: (progress: Progress) => void;
  readonly #began = performance.now();
  readonly #since = new Date().toISOString();
  readonly #broker = new HostPortBroker();
  readonly #parts: Part[] = [];
  readonly #network: KeptNetwork;
  #certificates: Certificates | undefined;
  #url = '';
  #closing = false;

  constructor(config: ClusterConfig, options: { report: (progress: Progress) => void }) {
    this.#config = config;
    this.#folder = new DataFolder(config.dataDir);
    this.#report = options.report;
    this.#network = new KeptNetwork({
      nodes: config.nodes,
      onSocket: (socket) => this.#parts[0]?.send({ type: 'listen', name: 'lan' }, sendable(socket)),
    });
  }

  /** Resolves when the cluster is ready to use; rejects with what to do about it, and then nothing is left running. */
  async start(): Promise<void> {
    mkdirSync(this.#folder.logs, { recursive: true, mode: 0o700 });
    const nodes = Array.from({ length: this.#config.nodes }, (_, position) => position + 1);
    const identities = nodes.map((index) => ({ user: `system:node:${nodeName(index)}`, groups: ['system:nodes'] }));
    this.#certificates = ensureCertificates(this.#folder.pki, {
      clients: [{ user: 'kubernetes-admin', groups: ['system:masters'] }, { user: controllerUser }, ...identities],
    });

    const networkMade = nodes.length > 0 ? this.#network.start() : undefined;
    networkMade?.catch(() => undefined); // told below, when the API server is there
    const apiserver = this.#startApiServer();
    const { url } = await apiserver.ready();
    this.#url = String(url);
    writeFileSync(this.#folder.portFile, new URL(this.#url).port);
    this.#writeKubeconfig();
    writeFileSync(this.#folder.resolvConf, nodeResolvConf());
    this.#stage('API server');
    const controllers = this.#startControllers();
    using client = this.#adminClient();
    let nodesMs: number | undefined;
    let samplePorts: number[] = [];
    if (networkMade) {
      await networkMade;
      this.#stage('network');
      const agents = nodes.map((index) => this.#startNode(index));
      // While the nodes start: what is to run on them first is there when they come.
      const dns = applyManifest(client, join(manifests, 'cluster-dns.yaml'));
      await controllers.ready();
      this.#stage('controllers');
      await Promise.all(agents.map((agent) => agent.ready()));
      nodesMs = performance.now() - this.#began;
      this.#stage(`${nodes.length} nodes`);
      const sample = this.#config.sample === undefined ? [] : applyManifest(client, this.#config.sample);
      await untilAvailable(client, await dns);
      this.#stage('DNS');
      await untilAvailable(client, await sample);
      samplePorts = await untilNodePortsOpen(this.#broker, await sample);
      if (this.#config.sample !== undefined) this.#stage('sample');
      for (const { address, port } of this.#broker.refused())
        this.#notice(`${address}:${port} is used by another program: the Service is reached inside the cluster only`);
    } else {
      await controllers.ready();
      this.#stage('controllers');
    }
    const ms = performance.now() - this.#began;
    const sampleUrls = samplePorts.map((port) => `http://127.0.0.1:${port}`);
    this.#report({ type: 'up', ms, url: this.#url, sampleUrls, ...(nodesMs !== undefined && { nodesMs }) });
  }

  status(): ClusterStatus {
    const { name, nodes } = this.#config;
    const parts = this.#parts.map((part) => part.status);
    const hostPorts = this.#broker.list();
    return {
      ...{ name, pid: process.pid, url: this.#url, nodes, since: this.#since, parts, hostPorts },
      ...(this.#network.current && { entrance: this.#network.current.entrance }),
    };
  }

  /** Ends every part, then the network with all Pods; the API server last, so that the others can finish. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const [apiserver, ...others] = this.#parts;
    await Promise.all(others.map((part) => part.stop()));
    await this.#network.close();
    await apiserver?.stop();
    this.#broker.close();
  }

  #stage(stage: string): void {
    this.#report({ type: 'stage', stage, ms: performance.now() - this.#began });
  }

  #notice(text: string): void {
    this.#report({ type: 'notice', text });
  }

  #part(options: Omit<ConstructorParameters<typeof Part>[0], 'logFile'>): Part {
    const part = new Part({ ...options, logFile: join(this.#folder.logs, `${options.name}.log`) });
    this.#parts.push(part);
    part.start();
    return part;
  }

  #startApiServer(): Part {
    const port = this.#choosePort();
    return this.#part({
      name: 'apiserver',
      command: () => [process.execPath, ...nodeFlags, programs.apiserver],
      config: () => ({
        dataDir: this.#folder.path,
        port: this.#url ? Number(new URL(this.#url).port) : port,
        socketPath: this.#folder.apiSocket,
        nodeSockets: this.#folder.nodeSocket('NODE'),
      }),
      onStart: (child) => {
        const { socket } = this.#network;
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

  #credentials(user: string, server: string): { server: string; ca: string; cert: string; key: string } {
    const pair = this.#certificates?.clients.get(user);
    if (!this.#certificates || !pair) throw new Error(`no certificate was made for "${user}"`);
    return { server, ca: this.#certificates.ca, cert: pair.cert, key: pair.key };
  }

  #startControllers(): Part {
    const balancers = new HostLoadBalancer({ broker: this.#broker });
    return this.#part({
      name: 'controllers',
      command: () => [process.execPath, ...nodeFlags, programs.controllers],
      config: () => this.#credentials(controllerUser, this.#url),
      onStart: (child) => serveLoadBalancers(child, balancers),
      onFailure: () => undefined,
    });
  }

  #startNode(index: number): Part {
    const node = nodeName(index);
    const { proxy, runtime, imageFallback } = this.#config;
    mkdirSync(this.#folder.node(node), { recursive: true, mode: 0o700 });
    return this.#part({
      name: node,
      command: () => this.#inside([process.execPath, ...nodeFlags, programs.nodeAgent], node),
      config: () => ({
        client: this.#credentials(`system:node:${node}`, `https://${LAN_ADDRESS}:${LAN_API_PORT}`),
        nodeName: node,
        nodeIP: nodeAddress(index),
        hostAddress: HOST_ADDRESS,
        podCIDR: podCIDR(index),
        clusterDNS: '10.96.0.10',
        clusterDomain: 'cluster.local',
        resolvConf: this.#folder.resolvConf,
        dataDir: this.#folder.node(node),
        stateDir: `/run/skiff/${node}`,
        socketPath: this.#folder.nodeSocket(node),
        proxy,
        runtime,
        imageFallback,
      }),
      env: { PATH: withSystemPrograms(process.env['PATH'] ?? '') },
      onStart: (child) => this.#broker.connect(child),
      onFailure: () => undefined,
    });
  }

  #inside(command: readonly string[], node: string): readonly string[] {
    const { current } = this.#network;
    if (!current) throw new Error('the cluster has no network');
    return current.enter(command, { node });
  }

  #writeKubeconfig(): void {
    const text = kubeconfigText(this.#config.name, this.#credentials('kubernetes-admin', this.#url));
    writeFileSync(this.#folder.kubeconfig, text, { mode: 0o600 });
  }

  #adminClient(): Client {
    return new Client({ server: `unix:${this.#folder.apiSocket}` });
  }
}
