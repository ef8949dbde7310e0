import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../authentication/authenticator.ts';
import { impersonated } from '../authentication/impersonation.ts';
import type { Authorizer } from '../authorization/attributes.ts';
import { attributesOf, denied } from '../authorization/request-attributes.ts';
import type { Door } from '../doors/connection.ts';
import type { User } from '../registry/strategy.ts';
import { type RequestInfo, requestInfo } from '../request-info.ts';

/** A request that may go on: who asks, and what for. */
export interface Admitted {
  readonly user: User;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
}

/** Authentication and authorization, the same for HTTP and WebSockets. */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #authorizer: Authorizer;

  constructor(options: { authenticator: Authenticator; authorizer: Authorizer }) {
    this.#authenticator = options.authenticator;
    this.#authorizer = options.authorizer;
  }

  /** Throws Unauthorized and Forbidden. */
  admit(request: IncomingMessage, door: Door): Admitted {
    const { path, query } = urlOf(request);
    const asker = this.#authenticator.authenticate(request, door);
    const user = impersonated(request, asker, this.#authorizer);
    const info = requestInfo(request.method ?? 'GET', path, query);
    const attributes = attributesOf(user, info, query);
    const decision = this.#authorizer.authorize(attributes);
    if (!decision.allowed) throw denied(attributes, decision);
    return { user, info, query };
  }
}

/** The path, with its escapes, and the query of a request. */
export function urlOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}
