import { type JsonWebKey, randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@skiff/api/clock';
import type { KubeObject } from '@skiff/api/meta';
import type { User } from '../registry/strategy.ts';
import { TokenSigner } from './jwt.ts';

/** Who issues the tokens, and whom they are for where nobody else is named. */
export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local';
/** How long a token is good where nothing else is asked for, in seconds. */
export const TOKEN_SECONDS = 3600;
/** A token goes on working so long, in milliseconds, after what it is bound to began to be deleted: the Pod is shutting down. */
export const DELETION_LEEWAY = 60_000;

/** An object that a token names; it must still be the same one, by uid, when the token is used. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

type NodeReference = Pick<BoundObject, 'name'> & Partial<BoundObject>;

/** What TokenRequest asks for, already validated. */
export interface TokenOptions {
  readonly serviceAccount: BoundObject & { readonly namespace: string };
  /** Default: the API server itself. */
  readonly audiences?: readonly string[];
  readonly expirationSeconds?: number;
  /** What the token must not outlive. `node` is the Pod's, for those who look, and has no uid where it is gone. */
  readonly boundTo?: BoundObject & { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly node?: NodeReference };
}

export interface IssuedToken {
  readonly token: string;
  readonly expirationTimestamp: string;
  readonly audiences: readonly string[];
}

/** Reads an object of the truth as it is now. */
export type Lookup = (
  kind: 'ServiceAccount' | 'Pod' | 'Secret' | 'Node',
  key: { namespace?: string; name: string },
) => KubeObject | undefined;

/** The claims that kube-apiserver puts into a bound token (KEP-1205). */
interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: BoundObject;
    readonly pod?: BoundObject;
    readonly secret?: BoundObject;
    readonly node?: NodeReference;
  };
}

/** Issues and verifies the tokens of service accounts. */
export class ServiceAccountTokens {
  readonly #signer: TokenSigner;
  readonly #lookup: Lookup;
  readonly #clock: Clock;

  constructor(options: { readonly key: string; readonly lookup: Lookup; readonly clock?: Clock | undefined }) {
    this.#clock = options.clock ?? systemClock;
    this.#signer = new TokenSigner(options.key);
    this.#lookup = options.lookup;
  }

  /** The keys with which anybody can verify the tokens, as a JWK Set (RFC 7517 section 5). */
  get publicKeys(): { readonly keys: readonly JsonWebKey[] } {
    return { keys: [this.#signer.publicKey] };
  }

  issue({ serviceAccount, boundTo, ...options }: TokenOptions): IssuedToken {
    const { namespace, name, uid } = serviceAccount;
    const audiences = options.audiences?.length ? options.audiences : [tokenIssuer];
    const now = Math.floor(this.#clock.now() / 1000);
    const exp = now + (options.expirationSeconds ?? TOKEN_SECONDS);
    const claims: Claims = {
      aud: audiences,
      exp,
      iat: now,
      iss: tokenIssuer,
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid },
        ...(boundTo && { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } }),
        ...(boundTo?.node && { node: { name: boundTo.node.name, ...(boundTo.node.uid && { uid: boundTo.node.uid }) } }),
      },
      nbf: now,
      sub: userNameOf(namespace, name),
    };
    const expirationTimestamp = new Date(exp * 1000).toISOString().replace('.000Z', 'Z');
    return { token: this.#signer.sign(claims), expirationTimestamp, audiences };
  }

  /**
   * The service account behind a token, and for which of the asked audiences it speaks; undefined where the token is not ours, out of
   * date, for others, or bound to what is gone. Cheap enough for every request: a known signature is not computed again.
   */
  verify(token: string, audiences: readonly string[] = [tokenIssuer]): { user: User; audiences: string[] } | undefined {
    // The signature says that these are claims that issue() made.
    const claims = this.#signer.verify(token) as Claims | undefined;
    if (!claims || claims.iss !== tokenIssuer) return undefined;
    const now = this.#clock.now() / 1000;
    if (now >= claims.exp || now < claims.nbf) return undefined;
    const common = audiences.filter((audience) => claims.aud.includes(audience));
    if (common.length === 0 || !this.#boundObjectsLive(claims)) return undefined;
    return { user: userOf(claims), audiences: common };
  }

  #boundObjectsLive({ 'kubernetes.io': { namespace, serviceaccount, pod, secret, node } }: Claims): boolean {
    const lives = (kind: Parameters<Lookup>[0], bound: NodeReference | undefined): boolean => {
      if (!bound) return true;
      const key = kind === 'Node' ? { name: bound.name } : { namespace, name: bound.name };
      const metadata = this.#lookup(kind, key)?.metadata;
      if (!metadata || metadata.uid !== bound.uid) return false;
      return (
        !metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) + DELETION_LEEWAY > this.#clock.now()
      );
    };
    // A Pod's node is told, not checked: the Pod vouches for it.
    return (
      lives('ServiceAccount', serviceaccount) &&
      lives('Pod', pod) &&
      lives('Secret', secret) &&
      (!!pod || lives('Node', node))
    );
  }
}

const userNameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

function userOf({ jti, 'kubernetes.io': { namespace, serviceaccount, pod, node } }: Claims): User {
  const prefix = 'authentication.kubernetes.io';
  return {
    name: userNameOf(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${jti}`],
      ...(node && { [`${prefix}/node-name`]: [node.name] }),
      ...(node?.uid && { [`${prefix}/node-uid`]: [node.uid] }),
      ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
    },
  };
}
