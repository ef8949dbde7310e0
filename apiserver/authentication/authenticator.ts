import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { unauthorized } from '@skiff/api/status';
import type { Door } from '../doors/connection.ts';
import type { User } from '../registry/strategy.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

/** Whoever can open the unix socket, which is the owner of the cluster. */
export const admin: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Whoever shows nothing. */
export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** How a browser, which can't set headers on a WebSocket, hands over its token (upstream: pkg/authentication/request/websocket). */
const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';

/**
 * Finds out who asks: a client certificate first, then a bearer token, then the door. A credential that is shown and no good
 * is refused, also where none at all would have done.
 */
export class Authenticator {
  readonly #tokens: Pick<ServiceAccountTokens, 'verify'>;
  /** A connection keeps its certificate, so its user is found once. */
  readonly #users = new WeakMap<TLSSocket, User>();

  constructor(options: { readonly tokens: Pick<ServiceAccountTokens, 'verify'> }) {
    this.#tokens = options.tokens;
  }

  /** Throws Unauthorized. */
  authenticate(request: IncomingMessage, door: Door): User {
    const { socket } = request;
    const certified = door === 'https' && socket instanceof TLSSocket ? this.#certified(socket) : undefined;
    if (certified) return certified;
    const token = bearerOf(request);
    if (token === undefined && typeof door === 'object') return door.user;
    if (token === undefined) return door === 'unix' ? admin : anonymous;
    const verified = this.#tokens.verify(token);
    if (!verified) throw unauthorized();
    return verified.user;
  }

  #certified(socket: TLSSocket): User | undefined {
    const known = this.#users.get(socket);
    if (known) return known;
    const user = userOf(socket);
    if (user) this.#users.set(socket, user);
    return user;
  }
}

/** CN is the user, each O a group; undefined where no certificate was shown. Throws Unauthorized for one of another authority. */
function userOf(socket: TLSSocket): User | undefined {
  const certificate = socket.getPeerCertificate();
  // An empty object stands for no certificate.
  if (!certificate?.raw) return undefined;
  // @types/node says string; an attribute that is there several times is a list.
  const { CN, O } = certificate.subject as { CN?: string | string[]; O?: string | string[] };
  const [name] = [CN ?? []].flat();
  if (!socket.authorized || !name) throw unauthorized();
  return { name, groups: [...[O ?? []].flat(), 'system:authenticated'] };
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (token) return token;
  const protocols = headers['sec-websocket-protocol']?.split(',') ?? [];
  const encoded = protocols.map((protocol) => protocol.trim()).find((protocol) => protocol.startsWith(tokenProtocol));
  return encoded && Buffer.from(encoded.slice(tokenProtocol.length), 'base64url').toString();
}
