import type { Duplex } from 'node:stream';

/** Where a request goes on to that the API server does not answer itself. */
export interface ConnectTarget {
  /** Opens a connection to who answers. Rejects with a StatusError. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /** The path and query of the request there. */
  readonly path: string;
  /** Whether only a protocol other than HTTP can be spoken there. */
  readonly upgradeOnly: boolean;
  /** For proxies: what whoever is there is called, and under which path of ours the client sees it. */
  readonly proxied?: { readonly host: string; readonly prefix: string };
}
