import type { Kind } from '@skiff/api/kinds';
import type { Authorizer } from '../authorization/attributes.ts';
import { denied } from '../authorization/request-attributes.ts';
import type { ApiRequest } from './request.ts';

/** A PUT or an apply that makes its object needs the right to create, too. Throws Forbidden. */
export function checkCreation(
  { info, user }: Pick<ApiRequest, 'info' | 'user'>,
  { group, plural }: Kind,
  { authorizer }: { readonly authorizer: Authorizer },
): void {
  const resource = { group, plural, namespace: info.namespace, name: info.name };
  const attributes = { user, verb: 'create', resource };
  const decision = authorizer.authorize(attributes);
  if (!decision.allowed) throw denied(attributes, decision);
}
