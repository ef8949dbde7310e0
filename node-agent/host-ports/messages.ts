/** What node agents and the host side say to each other about ports of the host, over the agent's IPC channel. */

export interface HostPort {
  readonly protocol: 'TCP' | 'UDP';
  /** An address of the host's loopback. */
  readonly address: string;
  /** As Kubernetes knows it; the host may have opened another one in its stead. */
  readonly port: number;
}

export interface HostPortWish extends HostPort {
  /** One agent is to serve it, not all that want it: who it is must not change from one connection, or datagram, to the next. */
  readonly alone?: boolean;
}

/** Agent to host: all ports that this agent wants to serve from now on. */
export interface HostPortsWanted {
  readonly type: 'host-ports';
  readonly ports: readonly HostPortWish[];
}

/** Host to agent, with the socket: listen on it, as others may too. */
export interface HostPortOpened extends HostPort {
  readonly type: 'host-port';
}

/** Host to agent: it could not be opened (`EADDRINUSE`, `EACCES`, ...). The host goes on trying, and says it once and to one agent. */
export interface HostPortFailed extends HostPort {
  readonly type: 'host-port-error';
  readonly code: string;
}

/** Host to agent: another one serves it alone from now on. */
export interface HostPortClosed extends HostPort {
  readonly type: 'host-port-closed';
}

export type HostPortAnswer = HostPortOpened | HostPortFailed | HostPortClosed;

/** The agent's end of the channel. Other messages pass on it as well. */
export interface HostPortChannel {
  send(message: HostPortsWanted): void;
  onMessage(callback: (message: unknown, handle: unknown) => void): void;
}

export function keyOf({ protocol, address, port }: HostPort): string {
  return `${protocol} ${address}:${port}`;
}
