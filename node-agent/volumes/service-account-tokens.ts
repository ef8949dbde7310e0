import type { Client } from '@skiff/client/client';
import type { Clock } from '../clock.ts';
import type { NodePod } from '../pods/types.ts';

interface TokenRequest {
  status: { token: string; expirationTimestamp: string };
}

interface Held {
  readonly token: string;
  readonly refreshAt: number;
}

export interface TokenOptions {
  readonly audience?: string | undefined;
  readonly expirationSeconds?: number | undefined;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Tokens for the Pods of this node, bound to them, from the API server's TokenRequest (Kubernetes: "Managing Service Accounts"). One is
 * used until four fifths of its time, or a day, are over.
 */
export class ServiceAccountTokens {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(options: { client: Client; clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
  }

  async get(pod: NodePod, { audience = '', expirationSeconds = 3600 }: TokenOptions): Promise<string> {
    const id = `${pod.metadata.uid} ${audience} ${expirationSeconds}`;
    const held = this.#held.get(id);
    if (held && this.#clock.now() < held.refreshAt) return held.token;
    const { name, namespace, uid } = pod.metadata;
    const asked = this.#clock.now();
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience && { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const account = { namespace, name: pod.spec.serviceAccountName || 'default' };
    const accounts = this.#client.resource('ServiceAccount');
    const { status } = await accounts.subresource<TokenRequest>(account, 'token', 'POST', request);
    const lifeMs = Date.parse(status.expirationTimestamp) - asked;
    this.#held.set(id, { token: status.token, refreshAt: asked + Math.min(lifeMs * 0.8, DAY_MS) });
    return status.token;
  }

  /** When the first of a Pod's tokens should be renewed. */
  refreshAt(uid: string): number {
    const own = [...this.#held].filter(([id]) => id.startsWith(`${uid} `));
    return Math.min(...own.map(([, { refreshAt }]) => refreshAt));
  }

  forget(uid: string): void {
    for (const id of this.#held.keys()) if (id.startsWith(`${uid} `)) this.#held.delete(id);
  }
}
