import type { SendHandle } from 'node:child_process';
import {
  type HostPort,
  type HostPortFailed,
  type HostPortOpened,
  type HostPortsWanted,
  keyOf,
} from '@skiff/node-agent/host-ports/messages';
import { BindError, bindServer, boundPort, type ServerHandle, sendable } from './server-handle.ts';

/** The host's end of a node agent's channel: a `ChildProcess` fits. */
export interface AgentChannel {
  send(
    message: HostPortOpened | HostPortFailed,
    handle: SendHandle | undefined,
    callback: (error: Error | null) => void,
  ): unknown;
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
  readonly handle: ServerHandle;
  readonly result: OpenHostPort;
}

/** How often ports that could not be opened are tried again. */
const RETRY_MS = 3_000;

/**
 * The supervisor's side of the host's ports. Opens each port that a node agent wants once, and hands the same socket to every agent that
 * wants it: they share its connections, and one that dies leaves its share to the others. Only loopback addresses are opened.
 */
export class HostPortBroker {
  readonly #opened = new Map<string, Opened>();
  /** Ports that are held for load balancers, though no agent may want them yet. */
  readonly #reserved = new Set<string>();
  readonly #agents = new Map<AgentChannel, Map<string, HostPort>>();
  #retry: NodeJS.Timeout | undefined;

  /** Serves one node agent until its channel closes. */
  connect(agent: AgentChannel): void {
    this.#agents.set(agent, new Map());
    agent.on('message', (message) => {
      const ports = wantedPorts(message);
      if (ports !== undefined) this.#want(agent, ports);
    });
    agent.once('disconnect', () => {
      this.#agents.delete(agent);
      this.#closeUnwanted();
    });
  }

  /**
   * Opens a port that stays open until {@link giveBack}, whether or not an agent wants it. Throws {@link BindError} where it is in use, unless
   * any other port will do.
   */
  reserve(port: HostPort, options: { otherPort: boolean }): OpenHostPort {
    const opened = this.#open(port, options);
    this.#reserved.add(keyOf(port));
    return opened.result;
  }

  giveBack(port: HostPort): void {
    this.#reserved.delete(keyOf(port));
    this.#closeUnwanted();
  }

  /** What is open, for `skiff status`. */
  list(): (HostPort & OpenHostPort)[] {
    return [...this.#opened.values()].map(({ wanted, result }) => ({ ...wanted, ...result }));
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#agents.clear();
    this.#reserved.clear();
    this.#closeUnwanted();
  }

  #want(agent: AgentChannel, ports: readonly HostPort[]): void {
    const before = this.#agents.get(agent);
    if (before === undefined) return;
    this.#agents.set(agent, new Map(ports.map((port) => [keyOf(port), port])));
    this.#closeUnwanted();
    for (const port of ports) if (!before.has(keyOf(port))) this.#handOver(agent, port);
  }

  #handOver(agent: AgentChannel, { address, port }: HostPort): void {
    try {
      const known = this.#opened.get(keyOf({ address, port }));
      // Opening it hands it to all who want it, this agent among them.
      if (known === undefined) this.#open({ address, port }, { otherPort: false });
      else tell(agent, { type: 'host-port', address, port }, known.handle);
    } catch (error) {
      const code = error instanceof BindError ? error.code : String(error);
      tell(agent, { type: 'host-port-error', address, port, code });
      this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
    }
  }

  #tryAgain(): void {
    this.#retry = undefined;
    for (const [agent, wanted] of this.#agents)
      for (const [key, port] of wanted) if (!this.#opened.has(key)) this.#handOver(agent, port);
  }

  /** A low port of a load balancer that is not permitted is replaced by another; a node port is what it is. */
  #open(wanted: HostPort, options: { otherPort: boolean }): Opened {
    const key = keyOf(wanted);
    const existing = this.#opened.get(key);
    if (existing !== undefined) return existing;
    if (!wanted.address.startsWith('127.')) throw new BindError({ ...wanted, code: 'EADDRNOTAVAIL' });
    const opened = bind(wanted, options);
    this.#opened.set(key, opened);
    for (const [agent, ports] of this.#agents)
      if (ports.has(key)) tell(agent, { type: 'host-port', address: wanted.address, port: wanted.port }, opened.handle);
    return opened;
  }

  #closeUnwanted(): void {
    for (const [key, { handle }] of this.#opened) {
      if (this.#reserved.has(key) || [...this.#agents.values()].some((wanted) => wanted.has(key))) continue;
      this.#opened.delete(key);
      handle.close();
    }
  }
}

/** An agent that has just died is not an error: its `disconnect` is on the way. */
function tell(agent: AgentChannel, message: HostPortOpened | HostPortFailed, handle?: ServerHandle): void {
  agent.send(message, handle === undefined ? undefined : sendable(handle), () => undefined);
}

const reasons = new Map([
  ['EACCES', 'skiff.dev/PortNotPermitted'],
  ['EADDRINUSE', 'skiff.dev/PortInUse'],
]);

function bind(wanted: HostPort, options: { otherPort: boolean }): Opened {
  try {
    return { wanted, handle: bindServer(wanted.address, wanted.port), result: { hostPort: wanted.port } };
  } catch (error) {
    const reason = error instanceof BindError ? reasons.get(error.code) : undefined;
    if (reason === undefined || !(options.otherPort || isLowPortOfBalancer(wanted, error))) throw error;
    const handle = bindServer(wanted.address, 0);
    return { wanted, handle, result: { hostPort: boundPort(handle), error: reason } };
  }
}

function isLowPortOfBalancer({ port }: HostPort, error: unknown): boolean {
  return port < 1024 && error instanceof BindError && error.code === 'EACCES';
}

function wantedPorts(message: unknown): readonly HostPort[] | undefined {
  const isWish = typeof message === 'object' && message !== null && 'type' in message && message.type === 'host-ports';
  // Sent by node-agent/host-ports/host-ports.ts.
  return isWish ? (message as HostPortsWanted).ports : undefined;
}
