import type { Kind } from '@skiff/api/kinds';
import { badRequest, methodNotAllowed, notFound, StatusError } from '@skiff/api/status';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { ClusterAuthorizer } from '../authorization/authorizer.ts';
import { methodRefused, noSuchResource } from '../http/failures.ts';
import type { Registry } from '../registry/registry.ts';
import { createBinding } from './binding.ts';
import { create } from './create.ts';
import { deleteOne } from './delete.ts';
import { deleteCollection } from './delete-collection.ts';
import { createEviction } from './eviction.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { log } from './log.ts';
import { patch } from './patch.ts';
import type { Answer, ApiRequest } from './request.ts';
import { getScale, writeScale } from './scale.ts';
import type { Services } from './services.ts';
import { createToken } from './token.ts';
import { update } from './update.ts';

/** What answers one verb of a resource. */
export type Route = (request: ApiRequest, registry: Registry, services: RouteServices) => Promise<Answer>;
export type RouteServices = Services & {
  readonly tokens: ServiceAccountTokens;
  readonly authorizer: ClusterAuthorizer;
};

/** `watch` is not here: it has no answer, and two transports. */
const objectRoutes: Readonly<Record<string, Route>> = {
  create,
  delete: deleteOne,
  deletecollection: deleteCollection,
  get,
  list,
  patch,
  update,
};

const subresourceRoutes: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  status: { get, patch, update },
  resize: { get, patch, update },
  ephemeralcontainers: { get, patch, update },
  scale: { get: getScale, patch: writeScale, update: writeScale },
  finalize: { update },
  binding: { create: createBinding },
  eviction: { create: createEviction },
  token: { create: createToken },
  log: { get: log },
};

/** Finds the route of a request. Throws what kube-apiserver answers where there is none. */
export function routeOf({ info }: Pick<ApiRequest, 'info'>, { kind, form }: Registry): Route {
  if (form.custom) {
    const route = customRouteOf(info, kind);
    return form.custom.unconverted === undefined ? route : unlessConverted(route, form.custom.unconverted);
  }
  const { subresource, verb } = info;
  if (subresource !== '') {
    if (!kind.subresources.some(({ name }) => name === subresource)) throw noSuchResource();
    const route = subresourceRoutes[subresource]?.[verb];
    if (!route) throw methodRefused();
    return route;
  }
  const named = info.name !== '';
  const onCollection = verb === 'list' || verb === 'create' || verb === 'deletecollection';
  const route = objectRoutes[verb];
  // A POST to an object, a PUT or PATCH of a collection: no such method there.
  if (!route || named === onCollection || !kind.verbs.includes(verb)) throw methodRefused();
  return route;
}

/** A route that fails, for this reason, where there are objects to convert. */
function unlessConverted(route: Route, message: string): Route {
  return async (request, registry, services) => {
    const { verb, name, namespace } = request.info;
    const within = namespace || undefined;
    const met = name ? registry.cache.get(within, name) !== undefined : registry.cache.list(within).items.length > 0;
    if (verb === 'create' || met) throw new StatusError({ code: 500, message });
    return route(request, registry, services);
  };
}

/** Custom resources tell what they are in their failures, and look for names only in what needs them. */
function customRouteOf({ subresource, verb, name }: ApiRequest['info'], kind: Kind): Route {
  if (subresource !== '' && !kind.subresources.some((one) => one.name === subresource)) throw notFound(kind, name);
  const route = subresource === '' ? objectRoutes[verb] : subresourceRoutes[subresource]?.[verb];
  if (!route) throw methodNotAllowed(kind, verb);
  if (subresource === '' && !kind.verbs.includes(verb)) {
    const { details } = methodNotAllowed(kind, verb);
    const message = `${verb} not allowed while custom resource definition is terminating`;
    throw new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details });
  }
  if (name === '' && (verb === 'update' || verb === 'patch')) throw badRequest('name must be provided');
  return route;
}
