import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';

/** How to reach an API server and who to be there. */
export interface ClientConfig {
  /** `https://host:port`, `http://host:port`, or `unix:/path/to/api.sock`. */
  readonly server: string;
  /** PEM texts: the authority that the server's certificate is checked against, and the client's own certificate and key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** A bearer token, or where to get it anew for each request (tokens of Pods are rotated). */
  readonly token?: string | (() => string | Promise<string>);
  readonly userAgent?: string;
  /** Sent with every request: impersonation, tracing. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Told of each warning that a server sends along with an answer (`Warning: 299 - "..."`). */
  readonly onWarning?: (text: string) => void;
  /** Don't check the server's certificate. */
  readonly insecure?: boolean;
  /** The name to expect in the server's certificate, where that is not the host of `server`. */
  readonly serverName?: string;
  /** Answers requests in this process, instead of a server over the network; who asks is decided there. */
  readonly handler?: RequestListener;
}

/** Where the node agent mounts a Pod's credentials ("Accessing the API from within a Pod", Kubernetes documentation). */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The configuration of a program that runs in a Pod. Throws where it does not. */
export function inClusterConfig(env: NodeJS.ProcessEnv = process.env): ClientConfig {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new Error('not in a Pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; use a kubeconfig');
  }
  return {
    server: `https://${host}:${port}`,
    ca: readFileSync(`${serviceAccountFolder}/ca.crt`, 'utf8'),
    token: () => readFileSync(`${serviceAccountFolder}/token`, 'utf8').trim(),
  };
}
