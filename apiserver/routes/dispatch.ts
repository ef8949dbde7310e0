import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Kind, kindAt, kindNamed } from '@skiff/api/kinds';
import { isGroupServed, virtualResources } from '../discovery/resources.ts';
import { methodRefused, noSuchResource } from '../http/failures.ts';
import type { Admitted } from '../http/gate.ts';
import { type Format, negotiate, wantsPretty } from '../http/negotiation.ts';
import { respond, setWarnings } from '../http/respond.ts';
import type { ResourceRequestInfo } from '../request-info.ts';
import type { IncludeObject } from '../table/table.ts';
import { responseSink, type Sink } from '../watch/outbox.ts';
import { createBinding } from './binding.ts';
import { listOptions } from './list-options.ts';
import type { ApiRequest } from './request.ts';
import { createReview, isReview } from './reviews.ts';
import { type Route, type RouteServices, routeOf } from './route.ts';
import { Watch, type WatchOptions } from './watch.ts';

const listViews: readonly Format['as'][] = ['object', 'table', 'partialList'];
const objectViews: readonly Format['as'][] = ['object', 'table', 'partial'];

/** Resources that are only created, and what they are created in: the kind whose registry their route works with. */
const virtualRoutes: Readonly<Record<string, { kind: Kind; route: Route }>> = {
  bindings: { kind: kindNamed('Pod'), route: createBinding },
};

/** What is said with every answer about kinds that are on their way out. */
const deprecations: Readonly<Record<string, readonly string[]>> = {
  Endpoints: ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
};

/** Reviews are of no stored kind: a Namespace's registry stands in, which their route does not use. */
function reviewRoute({ group, version, resource }: ResourceRequestInfo): { kind: Kind; route: Route } | undefined {
  const known = virtualResources.some(
    (one) => one.group === group && one.version === version && one.plural === resource,
  );
  if (!known || !isReview(resource)) return undefined;
  return {
    kind: kindNamed('Namespace'),
    route: (request, _registry, services) => createReview(request, resource, services),
  };
}

/** Answers a request about a resource. False where its group is not served at all. */
export async function dispatch(
  http: IncomingMessage,
  response: ServerResponse,
  { user, info, query }: Admitted & { readonly info: ResourceRequestInfo },
  services: RouteServices,
): Promise<boolean> {
  if (!isGroupServed(info.group)) return false;
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const review = reviewRoute(info);
  const virtual = info.group === '' ? virtualRoutes[info.resource] : review;
  const kind = virtual?.kind ?? resourceKind(info);
  const request: ApiRequest = {
    // The namespace in a Namespace's own path is its name.
    info: kind.namespaced || review ? info : { ...info, namespace: '' },
    user,
    query,
    http,
    response,
    signal: ended.signal,
    warnings: new Set(deprecations[kind.kind]),
    now: new Date(),
  };
  if (info.verb === 'watch' && !virtual) {
    const options = watchOptions(kind, http.headers.accept, query, services);
    const type = options.as === 'object' ? 'application/json' : 'application/json;stream=watch';
    setWarnings(response, request.warnings);
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    startWatch(kind, responseSink(response), { ...options, info, signal: request.signal }, services);
    return true;
  }
  if (virtual && info.verb !== 'create') throw methodRefused();
  const route = virtual?.route ?? routeOf(request, kind);
  const format = negotiate(
    http.headers.accept,
    info.verb === 'list' || info.verb === 'deletecollection' ? listViews : objectViews,
  );
  const answer = await route(request, services.registry(kind.kind), services);
  if (!answer) return true;
  const pretty = wantsPretty(query, http.headers['user-agent']);
  await respond(response, answer, kind, { format, pretty, include: includeOf(query), warnings: request.warnings });
  return true;
}

/** The kind of a request's path. Throws NotFound. */
export function resourceKind(info: ResourceRequestInfo): Kind {
  const kind = kindAt(info.group, info.version, info.resource);
  // A kind without namespaces has no objects in one; a Namespace's own path is the exception.
  const misplaced = kind && !kind.namespaced && info.namespace !== '' && kind.kind !== 'Namespace';
  if (!kind || misplaced) throw noSuchResource();
  return kind;
}

const includeOf = (query: URLSearchParams): IncludeObject => {
  const asked = query.get('includeObject');
  return asked === 'None' || asked === 'Object' ? asked : 'Metadata';
};

/** The options of a watch. Throws 400, 406 and 422. */
export function watchOptions(
  kind: Kind,
  accept: string | undefined,
  query: URLSearchParams,
  services: RouteServices,
): Omit<WatchOptions, 'namespace' | 'signal'> {
  const format = negotiate(accept, objectViews);
  const registry = services.registry(kind.kind);
  return { ...listOptions(query, registry, { watch: true }), as: format.as, include: includeOf(query) };
}

/** Begins a watch; it ends with its signal, or when the server stops. */
export function startWatch(
  kind: Kind,
  sink: Sink,
  { info, ...options }: Omit<WatchOptions, 'namespace'> & { readonly info: ResourceRequestInfo },
  services: RouteServices,
): void {
  const signal = AbortSignal.any([options.signal, services.stopping]);
  const namespace = kind.namespaced ? info.namespace : '';
  new Watch(services.registry(kind.kind), sink, { ...options, namespace, signal }).start();
}
