import type { EndpointAddress } from './proxier.ts';

/** Where a user-space proxier listens, and who answers there. */
export interface Listening {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
  /** Whether endpoints are to see the client's address, where that is one of loopback. */
  readonly keepsClient: boolean;
  /** Chooses an endpoint for a new connection, but for those that refused it; undefined where there is none for this client. */
  readonly endpointFor: (clientAddress: string, refused?: ReadonlySet<EndpointAddress>) => EndpointAddress | undefined;
  /** Whether an endpoint that was chosen before may go on being used. */
  readonly stillServes: (endpoint: { ip: string; port: number }) => boolean;
}

/** An open listener: tcp-listener.ts and udp-listener.ts. */
export interface ServiceListener {
  /** Takes over what answers from now on; address, port and protocol stay. */
  update(listening: Listening): void;
  /** Stops listening. Connections go on, unless `drop`. */
  close(options: { drop: boolean }): Promise<void>;
}
