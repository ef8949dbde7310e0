import { forbidden, StatusError, statusCodes } from '@skiff/api/status';
import type { User } from '../registry/strategy.ts';
import type { RequestInfo } from '../request-info.ts';
import type { Attributes, Decision } from './attributes.ts';

/** Who may run something in a Pod may write; a WebSocket begins as GET, which must not make it a read. */
const connects = new Set(['exec', 'attach', 'portforward']);

/** What a request wants to do. A list or watch of one object by its name, as `kubectl get -w NAME` sends, is about that object. */
export function attributesOf(user: User, info: RequestInfo, query?: URLSearchParams): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { group, resource: plural, subresource, namespace } = info;
  const verb = plural === 'pods' && connects.has(subresource) ? 'create' : info.verb;
  const name = info.name || nameSelected(query?.get('fieldSelector'));
  return { user, verb, resource: { group, plural, subresource, namespace, name } };
}

const nameSelected = (selector: string | null | undefined): string =>
  /(?:^|,)metadata\.name==?([^,!=]+)(?:,|$)/.exec(selector ?? '')?.[1] ?? '';

/** The refusal in kube-apiserver's words (apiserver/pkg/endpoints/handlers/responsewriters/errors.go). */
export function denied({ user, verb, resource, path }: Attributes, { reason }: Decision): StatusError {
  const why = reason ? `: ${reason}` : '';
  if (!resource) {
    const message = `forbidden: User "${user.name}" cannot ${verb} path "${path}"${why}`;
    return new StatusError({ code: statusCodes.Forbidden, reason: 'Forbidden', message, details: {} });
  }
  const { group, plural, subresource, namespace, name = '' } = resource;
  const what = subresource ? `${plural}/${subresource}` : plural;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  const said = `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${why}`;
  return forbidden({ group, plural }, name, said);
}
