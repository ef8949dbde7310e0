import type { IncomingMessage } from 'node:http';
import { forbidden, StatusError } from '@skiff/api/status';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { Attributes, Authorizer } from '../authorization/attributes.ts';
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
    const user = this.#authenticator.authenticate(request, door);
    const info = requestInfo(request.method ?? 'GET', path, query);
    const { allowed, reason } = this.#authorizer.authorize(attributesOf(user, info));
    if (!allowed) throw refusal(user, info, reason);
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

function attributesOf(user: User, info: RequestInfo): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { group, resource: plural, subresource, namespace, name, verb } = info;
  return { user, verb: connectVerb(info.subresource, verb), resource: { group, plural, subresource, namespace, name } };
}

/** exec, attach and port-forward run things, also when a WebSocket begins them as GET. */
const connects = new Set(['exec', 'attach', 'portforward']);
const connectVerb = (subresource: string, verb: string): string => (connects.has(subresource) ? 'create' : verb);

/** 403, in the words that kube-apiserver has for it. */
function refusal(user: User, info: RequestInfo, reason: string): StatusError {
  const who = `User "${user.name}" cannot`;
  const why = reason ? `: ${reason}` : '';
  if (!info.isResource) {
    const message = `forbidden: ${who} ${info.verb} path "${info.path}"${why}`;
    return new StatusError({ code: 403, reason: 'Forbidden', message, details: {} });
  }
  const plural = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
  const where = info.namespace ? `in the namespace "${info.namespace}"` : 'at the cluster scope';
  const what = `${who} ${info.verb} resource "${plural}" in API group "${info.group}" ${where}${why}`;
  return forbidden({ group: info.group, plural: info.resource }, info.name, what);
}
