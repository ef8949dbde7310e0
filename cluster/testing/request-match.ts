import type { Verb } from '@skiff/api/kinds';
import type { InterceptedRequest } from '@skiff/apiserver/http/interceptor';

/** Which requests are meant: those that have all of what is given. */
export interface RequestMatch {
  readonly verb?: Verb | readonly Verb[];
  /** The plural: `pods`. */
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly userAgent?: string | RegExp;
  /** Requests of the cluster's own controllers and nodes too; they are left alone by default. */
  readonly ownParts?: boolean;
}

/** Whether a request comes from a part of the cluster itself. */
export function isOwnPart({ user }: Pick<InterceptedRequest, 'user'>): boolean {
  return user.name === 'system:kube-controller-manager' || user.groups.includes('system:nodes');
}

export function matchesRequest(match: RequestMatch, request: InterceptedRequest): boolean {
  const { info, http } = request;
  if (isOwnPart(request) && !match.ownParts) return false;
  const { verb, userAgent, resource, subresource, namespace, name } = match;
  const agent = http.headers['user-agent'] ?? '';
  const said = typeof userAgent === 'string' ? agent.includes(userAgent) : (userAgent?.test(agent) ?? true);
  if (!said) return false;
  // Discovery and the like are of no resource.
  if (!info.isResource) return [verb, resource, subresource, namespace, name].every((given) => given === undefined);
  return (
    (verb === undefined || [verb].flat().includes(info.verb)) &&
    (resource === undefined || resource === info.resource) &&
    (subresource === undefined || subresource === info.subresource) &&
    (namespace === undefined || namespace === info.namespace) &&
    (name === undefined || name === info.name)
  );
}
