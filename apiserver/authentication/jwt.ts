import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** How many tokens whose signature was found good are remembered. */
export const KNOWN_TOKENS = 1024;

/**
 * JSON Web Tokens with ES256 (RFC 7519; RFC 7518 section 3.4), and nothing else: a token that names another algorithm is none of
 * ours. node:crypto does it in a few lines, synchronously; jose would cost 55 ms at each start.
 */
export class TokenSigner {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #header: string;
  readonly #known = new Map<string, unknown>();

  /** `key` is an ECDSA P-256 private key as a PEM text. */
  constructor(key: string) {
    this.#privateKey = createPrivateKey(key);
    this.#publicKey = createPublicKey(this.#privateKey);
    // As kube-apiserver names its keys.
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha256').update(der).digest('base64url');
    this.#header = encode({ alg: 'ES256', kid: this.#keyId });
  }

  /** What others verify the tokens with (RFC 7517). */
  get publicKey(): JsonWebKey {
    return { use: 'sig', kid: this.#keyId, alg: 'ES256', ...this.#publicKey.export({ format: 'jwk' }) };
  }

  sign(claims: object): string {
    const body = `${this.#header}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(body), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `${body}.${signature.toString('base64url')}`;
  }

  /** The claims of a token that this key signed, else undefined. Whether they still hold is the caller's question. */
  verify(token: string): unknown {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const [header, payload, signature, ...more] = token.split('.');
    if (header !== this.#header || !payload || !signature || more.length > 0) return undefined;
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const bytes = Buffer.from(signature, 'base64url');
    if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, bytes)) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    this.#remember(token, claims);
    return claims;
  }

  #remember(token: string, claims: unknown): void {
    const oldest = this.#known.keys().next();
    if (this.#known.size >= KNOWN_TOKENS && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(token, claims);
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
