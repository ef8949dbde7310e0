/** What node agents and the host side say to each other about ports of the host, over the agent's IPC channel. */

export interface HostPort {
  /** An address of the host's loopback. */
  readonly address: string;
  /** As Kubernetes knows it; the host may have opened another one in its stead. */
  readonly port: number;
}

/** Agent to host: all ports that this agent wants to serve from now on. */
export interface HostPortsWanted {
  readonly type: 'host-ports';
  readonly ports: readonly HostPort[];
}

/** Host to agent, with the socket: listen on it, as others may too. */
export interface HostPortOpened extends HostPort {
  readonly type: 'host-port';
}

/** Host to agent: it could not be opened (`EADDRINUSE`, `EACCES`, ...). The host goes on trying. */
export interface HostPortFailed extends HostPort {
  readonly type: 'host-port-error';
  readonly code: string;
}

/** The agent's end of the channel. Other messages pass on it as well. */
export interface HostPortChannel {
  send(message: HostPortsWanted): void;
  onMessage(callback: (message: unknown, handle: unknown) => void): void;
}

export function keyOf({ address, port }: HostPort): string {
  return `${address}:${port}`;
}
