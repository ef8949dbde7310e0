import type { IncomingMessage } from 'node:http';
import { internalError, type StatusError } from '@skiff/api/status';
import type { Authorizer } from '../authorization/attributes.ts';
import { denied } from '../authorization/request-attributes.ts';
import type { User } from '../registry/strategy.ts';

const extraPrefix = 'impersonate-extra-';
const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/;

/**
 * `kubectl --as`: the user that the request wants to act as, where the one who asks may impersonate each part of it (upstream:
 * apiserver/pkg/endpoints/filters/impersonation). Without the headers it is the one who asks. Throws Forbidden.
 */
export function impersonated(request: IncomingMessage, user: User, authorizer: Authorizer): User {
  const headers = request.headersDistinct;
  const wanted = requested(headers);
  if (!wanted) return user;
  for (const { group, plural, subresource, namespace, name } of parts(wanted)) {
    const attributes = { user, verb: 'impersonate', resource: { group, plural, subresource, namespace, name } };
    const decision = authorizer.authorize(attributes);
    if (!decision.allowed) throw denied(attributes, decision);
  }
  return complete(wanted);
}

type Headers = IncomingMessage['headersDistinct'];

function requested(headers: Headers): User | undefined {
  const [name] = headers['impersonate-user'] ?? [];
  const groups = headers['impersonate-group'] ?? [];
  const [uid] = headers['impersonate-uid'] ?? [];
  const extra = Object.entries(headers).flatMap(([header, values]) =>
    header.startsWith(extraPrefix)
      ? [[decodeURIComponent(header.slice(extraPrefix.length)), values ?? []] as const]
      : [],
  );
  if (!name) {
    if (groups.length > 0 || uid || extra.length > 0) throw withoutUser();
    return undefined;
  }
  return { name, groups, ...(uid && { uid }), ...(extra.length > 0 && { extra: Object.fromEntries(extra) }) };
}

const withoutUser = (): StatusError =>
  internalError('requested impersonation of groups, uid or extra without impersonating a user');

/** What the one who asks must be allowed to impersonate. */
function* parts({ name, groups, uid, extra }: User) {
  const [, namespace, account] = serviceAccount.exec(name) ?? [];
  if (account) yield { group: '', plural: 'serviceaccounts', namespace, name: account };
  else yield { group: '', plural: 'users', name };
  for (const group of groups) yield { group: '', plural: 'groups', name: group };
  if (uid) yield { group: 'authentication.k8s.io', plural: 'uids', name: uid };
  for (const [key, values] of Object.entries(extra ?? {})) {
    for (const value of values)
      yield { group: 'authentication.k8s.io', plural: 'userextras', subresource: key, name: value };
  }
}

/** Adds the groups that everyone of the name has. */
function complete(user: User): User {
  const [, namespace] = serviceAccount.exec(user.name) ?? [];
  const accounts =
    namespace && user.groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : [];
  const unknown = user.name === 'system:anonymous' || user.groups.includes('system:unauthenticated');
  const known = unknown ? 'system:unauthenticated' : 'system:authenticated';
  return { ...user, groups: [...new Set([...user.groups, ...accounts, known])] };
}
