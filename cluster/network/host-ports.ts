import type { SendHandle } from 'node:child_process';
import { isInRange, parseIpv4Range } from '@skiff/api/ip';
import {
  type HostPort,
  type HostPortAnswer,
  type HostPortsWanted,
  type HostPortWish,
  keyOf,
} from '@skiff/node-agent/host-ports/messages';
import { hasOneLoopbackAddress, type PortDirectory } from '@skiff/node-agent/network/port-directory';
import { bindOrElsewhere } from './bind-elsewhere.ts';
import { BindError, bindSocket, boundPort, type SocketHandle, sendable } from './socket-handle.ts';

/** The host's end of a node agent's channel: a `ChildProcess` fits. */
export interface AgentChannel {
  send(message: HostPortAnswer, handle: SendHandle | undefined, callback: (error: Error | null) => void): unknown;
  on(event: 'message', callback: (message: unknown) => void): unknown;
  once(event: 'disconnect', callback: () => void): unknown;
}

/** A port of the host as it was opened. */
export interface OpenHostPort {
  /** Where clients reach it. Differs from the port that was wanted where `error` says why. */
  readonly hostPort: number;
  readonly error?: string;
}

interface Opened {
  readonly wanted: HostPort;
  readonly handle: SocketHandle;
  readonly result: OpenHostPort;
  /** Who has the socket. */
  readonly servers: Set<AgentChannel>;
}

export interface HostPortBrokerOptions {
  /** The cluster IPs of a cluster on the host's network: where their ports can't be had, the directory says where they are. */
  readonly elsewhere?: { readonly services: string; readonly directory: PortDirectory };
}

/** How often ports that could not be opened are tried again. */
const RETRY_MS = 3_000;

/**
 * The supervisor's side of the host's ports. Opens each port that a node agent wants once, and hands the same socket to every agent that
 * wants it: they share its connections, and one that dies leaves its share to the others. A port that is wanted alone goes to one of
 * them, and to the next when that one gives it up. Only loopback addresses are opened.
 */
export class HostPortBroker {
  readonly #elsewhere: HostPortBrokerOptions['elsewhere'];
  readonly #opened = new Map<string, Opened>();
  /** Ports that are held for load balancers, though no agent may want them yet. */
  readonly #reserved = new Map<string, HostPort>();
  readonly #agents = new Map<AgentChannel, ReadonlyMap<string, HostPortWish>>();
  /** Ports that could not be opened, and were said to be. */
  readonly #refused = new Map<string, HostPort>();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: HostPortBrokerOptions = {}) {
    this.#elsewhere = options.elsewhere;
  }

  /** Serves one node agent until its channel closes. */
  connect(agent: AgentChannel): void {
    this.#agents.set(agent, new Map());
    agent.on('message', (message) => {
      const ports = wantedPorts(message);
      if (ports === undefined || !this.#agents.has(agent)) return;
      this.#agents.set(agent, new Map(ports.map((port) => [keyOf(port), port])));
      this.#settle();
    });
    agent.once('disconnect', () => {
      this.#agents.delete(agent);
      this.#settle();
    });
  }

  /**
   * Opens a port that stays open until {@link giveBack}, whether or not an agent wants it. Throws {@link BindError} where it is in use, unless
   * any other port will do.
   */
  reserve(port: HostPort, options: { otherPort: boolean }): OpenHostPort {
    const { result } = this.#opened.get(keyOf(port)) ?? this.#open(port, options);
    this.#reserved.set(keyOf(port), port);
    this.#settle();
    return result;
  }

  giveBack(port: HostPort): void {
    this.#reserved.delete(keyOf(port));
    this.#settle();
  }

  /** What is open, for `skiff status`. */
  list(): (HostPort & OpenHostPort)[] {
    return [...this.#opened.values()].map(({ wanted, result }) => ({ ...wanted, ...result }));
  }

  /** What is wanted and can't be opened, because another program has it. */
  refused(): HostPort[] {
    return [...this.#refused.values()];
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#agents.clear();
    this.#reserved.clear();
    this.#settle();
  }

  /** Makes what is open and who has it follow from what is wanted now. */
  #settle(): void {
    const wishes = new Map<string, { port: HostPortWish; agents: AgentChannel[] }>();
    for (const [key, port] of this.#reserved) wishes.set(key, { port, agents: [] });
    for (const [agent, ports] of this.#agents)
      for (const [key, port] of ports) {
        const others = wishes.get(key)?.agents ?? [];
        wishes.set(key, { port, agents: [...others, agent] });
      }
    for (const [key, opened] of this.#opened) this.#takeBack(opened, wishes.get(key)?.agents);
    for (const key of this.#refused.keys()) if (!wishes.has(key)) this.#refused.delete(key);
    for (const { port, agents } of wishes.values()) this.#serve(port, agents);
  }

  /** A socket that was listened on goes on accepting, with nobody there: once all who served it are gone, it is closed. */
  #takeBack(opened: Opened, wanting: readonly AgentChannel[] = []): void {
    const hadServers = opened.servers.size > 0;
    for (const server of opened.servers) if (!wanting.includes(server)) opened.servers.delete(server);
    const key = keyOf(opened.wanted);
    const isDeserted = hadServers && opened.servers.size === 0;
    if (!isDeserted && (wanting.length > 0 || this.#reserved.has(key))) return;
    this.#opened.delete(key);
    opened.handle.close();
    this.#elsewhere?.directory.withdraw(opened.wanted);
    // Held at once by another socket, that refuses.
    if (this.#reserved.has(key)) this.#tryTo(() => this.#openAgain(opened));
  }

  #openAgain({ wanted, result }: Opened): Opened {
    const bound = this.#mayBeElsewhere(wanted)
      ? this.#bind(wanted, { otherPort: false })
      : { handle: bindSocket({ ...wanted, port: result.hostPort }), result };
    const opened = { wanted, ...bound, servers: new Set<AgentChannel>() };
    this.#opened.set(keyOf(wanted), opened);
    return opened;
  }

  #serve(port: HostPortWish, agents: readonly AgentChannel[]): void {
    const key = keyOf(port);
    const opened = this.#opened.get(key) ?? this.#tryTo(() => this.#open(port, { otherPort: false }), port, agents[0]);
    if (opened === undefined) return;
    this.#refused.delete(key);
    const [, ...surplus] = port.alone === true ? opened.servers : [];
    for (const agent of surplus) {
      opened.servers.delete(agent);
      tell(agent, { type: 'host-port-closed', ...opened.wanted });
    }
    for (const agent of agents) {
      if (opened.servers.has(agent) || (port.alone === true && opened.servers.size > 0)) continue;
      opened.servers.add(agent);
      tell(agent, { type: 'host-port', ...opened.wanted }, opened.handle);
    }
  }

  /** What fails is tried again later, and told about once. */
  #tryTo(open: () => Opened, port?: HostPort, agent?: AgentChannel): Opened | undefined {
    try {
      return open();
    } catch (error) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#settle();
      }, RETRY_MS).unref();
      if (port === undefined || agent === undefined || this.#refused.has(keyOf(port))) return undefined;
      this.#refused.set(keyOf(port), port);
      const { protocol, address, port: number } = port;
      const code = error instanceof BindError ? error.code : String(error);
      tell(agent, { type: 'host-port-error', protocol, address, port: number, code });
      return undefined;
    }
  }

  /** A low port of a load balancer that is not permitted is replaced by another; a node port is what it is. */
  #open({ protocol, address, port }: HostPort, options: { otherPort: boolean }): Opened {
    const wanted = { protocol, address, port };
    if (!address.startsWith('127.')) throw new BindError({ ...wanted, code: 'EADDRNOTAVAIL' });
    const opened = { wanted, ...this.#bind(wanted, options), servers: new Set<AgentChannel>() };
    this.#opened.set(keyOf(wanted), opened);
    return opened;
  }

  #mayBeElsewhere({ address }: HostPort): boolean {
    const services = parseIpv4Range(this.#elsewhere?.services ?? '');
    return (services && isInRange(address, services)) || (hasOneLoopbackAddress() && address !== '127.0.0.1');
  }

  #bind(wanted: HostPort, options: { otherPort: boolean }): Pick<Opened, 'handle' | 'result'> {
    const { directory } = this.#elsewhere ?? {};
    if (!directory || !this.#mayBeElsewhere(wanted)) return bind(wanted, options);
    const { handle, real } = bindOrElsewhere(wanted, { directory });
    return { handle, result: { hostPort: real.port } };
  }
}

/** An agent that has just died is not an error: its `disconnect` is on the way. */
function tell(agent: AgentChannel, message: HostPortAnswer, handle?: SocketHandle): void {
  agent.send(message, handle === undefined ? undefined : sendable(handle), () => undefined);
}

const reasons = new Map([
  ['EACCES', 'skiff.dev/PortNotPermitted'],
  ['EADDRINUSE', 'skiff.dev/PortInUse'],
]);

function bind(wanted: HostPort, options: { otherPort: boolean }): Pick<Opened, 'handle' | 'result'> {
  try {
    return { handle: bindSocket(wanted), result: { hostPort: wanted.port } };
  } catch (error) {
    const reason = error instanceof BindError ? reasons.get(error.code) : undefined;
    if (reason === undefined || !(options.otherPort || isLowPortOfBalancer(wanted, error))) throw error;
    const handle = bindSocket({ ...wanted, port: 0 });
    return { handle, result: { hostPort: boundPort(handle), error: reason } };
  }
}

function isLowPortOfBalancer({ port }: HostPort, error: unknown): boolean {
  return port < 1024 && error instanceof BindError && error.code === 'EACCES';
}

function wantedPorts(message: unknown): readonly HostPortWish[] | undefined {
  const isWish = typeof message === 'object' && message !== null && 'type' in message && message.type === 'host-ports';
  // Sent by node-agent/host-ports/host-ports.ts.
  return isWish ? (message as HostPortsWanted).ports : undefined;
}
