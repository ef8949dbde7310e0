import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest } from '@skiff/api/status';
import { connectTarget, isConnect } from '../connect/connect-target.ts';
import { relayRequest } from '../connect/relay-request.ts';

import { isOwnGroup, virtualResources } from '../discovery/resources.ts';
import { methodRefused, noSuchResource } from '../http/failures.ts';
import type { Admitted } from '../http/gate.ts';
import { type Format, negotiate, wantsPretty } from '../http/negotiation.ts';
import { respond, setWarnings } from '../http/respond.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resources } from '../registry/resources.ts';
import type { ResourceRequestInfo } from '../request-info.ts';
import type { IncludeObject } from '../table/table.ts';
import { responseSink, type Sink } from '../watch/outbox.ts';
import { createBinding } from './binding.ts';
import { listOptions } from './list-options.ts';
import type { ApiRequest } from './request.ts';
import { createReview, isReview } from './reviews.ts';
import { type Route, type RouteServices, routeOf } from './route.ts';
import { Watch, type WatchOptions } from './watch.ts';
import { maxManager } from './write-options.ts';

const listViews: readonly Format['as'][] = ['object', 'table', 'partialList'];
const objectViews: readonly Format['as'][] = ['object', 'table', 'partial'];

/** Resources that are only created, and what they are created in: the kind whose registry their route works with. */
const virtualRoutes: Readonly<Record<string, { kind: string; route: Route }>> = {
  bindings: { kind: 'Pod', route: createBinding },
};

/** Reviews are of no stored kind: a Namespace's registry stands in, which their route does not use. */
function reviewRoute({ group, version, resource }: ResourceRequestInfo): { kind: string; route: Route } | undefined {
  const known = virtualResources.some(
    (one) => one.group === group && one.version === version && one.plural === resource,
  );
  if (!known || !isReview(resource)) return undefined;
  return { kind: 'Namespace', route: (request, _registry, services) => createReview(request, resource, services) };
}

/** The first part of a User-Agent, without what can't be printed, as far as a field manager's name may be long. */
function agentOf({ headers }: IncomingMessage): string {
  const [name = ''] = (headers['user-agent'] ?? '').split('/');
  return name.replace(/\p{C}/gu, '').slice(0, maxManager);
}

/** Why a request's signal aborts. One for all: an error that is made for each costs more than many an answer. */
const answered = new DOMException('the answer has ended, or its reader went away', 'AbortError');

function endOf(response: ServerResponse): AbortSignal {
  if (response.closed) return AbortSignal.abort(answered);
  const ended = new AbortController();
  response.once('close', () => ended.abort(answered));
  return ended.signal;
}

/** Verbs of which objects in all namespaces may be the matter. */
const acrossNamespaces: ReadonlySet<string> = new Set(['list', 'watch']);

/** Whether a path is one of a resource that a definition defines (upstream: apiextensions-apiserver's crdHandler). */
function isDefined(info: ResourceRequestInfo, resources: Resources): boolean {
  const found = resources.at({ ...info, plural: info.resource });
  if (!found) return false;
  const within = info.namespace !== '';
  return found.kind.namespaced ? within || acrossNamespaces.has(info.verb) : !within;
}

/** Answers a request about a resource. False where its group is not served at all, or has no such resource and is a definition's. */
export async function dispatch(
  http: IncomingMessage,
  response: ServerResponse,
  { user, info, query }: Admitted & { readonly info: ResourceRequestInfo },
  services: RouteServices,
): Promise<boolean> {
  const { resources } = services;
  if (!isOwnGroup(info.group, resources) && !isDefined(info, resources)) return false;
  const review = reviewRoute(info);
  const virtual = info.group === '' ? virtualRoutes[info.resource] : review;
  const registry = virtual ? resources.named(virtual.kind) : registryOf(info, resources);
  const { kind, form } = registry;
  let signal: AbortSignal | undefined;
  const request: ApiRequest = {
    // The namespace in a Namespace's own path is its name.
    info: kind.namespaced || review ? info : { ...info, namespace: '' },
    user,
    query,
    http,
    agent: agentOf(http),
    response,
    // Most answers are there at once, and nobody asks whether they have an end.
    get signal() {
      signal ??= endOf(response);
      return signal;
    },
    warnings: new Set(form.warnings),
    now: new Date(services.clock.now()),
  };
  if (info.verb === 'watch' && !virtual) {
    const options = watchOptions(registry, http.headers.accept, { query, info });
    const type = options.format.as === 'object' ? 'application/json' : 'application/json;stream=watch';
    setWarnings(response, request.warnings);
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    startWatch(registry, responseSink(response), { ...options, info }, services);
    return true;
  }
  if (!virtual && isConnect(info)) {
    const target = connectTarget(
      request.info,
      { query, search: new URL(http.url ?? '', 'http://skiff').search },
      services,
    );
    await relayRequest(http, response, { target, signal: request.signal });
    return true;
  }
  if (virtual && info.verb !== 'create') throw methodRefused();
  const route = virtual?.route ?? routeOf(request, registry);
  const format = negotiate(
    http.headers.accept,
    info.verb === 'list' || info.verb === 'deletecollection' ? listViews : objectViews,
  );
  const answer = await route(request, registry, services);
  if (!answer) return true;
  const pretty = wantsPretty(query, http.headers['user-agent']);
  await respond(response, answer, registry, {
    ...{ format, pretty, include: includeOf(query, format), warnings: request.warnings },
    now: request.now,
  });
  return true;
}

/** The registry of a request's path. Throws NotFound. */
export function registryOf(info: ResourceRequestInfo, resources: Resources): Registry {
  const found = resources.at({ ...info, plural: info.resource });
  // A kind without namespaces has no objects in one; a Namespace's own path is the exception.
  const misplaced = found && !found.kind.namespaced && info.namespace !== '' && found.kind.kind !== 'Namespace';
  if (!found || misplaced) throw noSuchResource();
  return found;
}

/** What the rows of a table carry. Throws 400 where a table is asked to carry something else. */
function includeOf(query: URLSearchParams, { as }: Format): IncludeObject {
  const asked = query.get('includeObject') || 'Metadata';
  if (asked === 'None' || asked === 'Object' || asked === 'Metadata') return asked;
  if (as !== 'table') return 'Metadata';
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** A watch of one object, on the old paths that have its name, selects it. */
function onlyNamed(query: URLSearchParams, { name, subresource }: ResourceRequestInfo): URLSearchParams {
  if (subresource) throw noSuchResource();
  if (!name) return query;
  const named = new URLSearchParams(query);
  const fields = query.get('fieldSelector');
  named.set('fieldSelector', `${fields ? `${fields},` : ''}metadata.name=${name}`);
  return named;
}

/** What a request says of a watch. */
type AskedWatch = Omit<WatchOptions, 'namespace' | 'until' | 'clock'>;

/** The options of a watch. Throws 400, 404, 406 and 422. */
export function watchOptions(
  registry: Registry,
  accept: string | undefined,
  asked: { query: URLSearchParams; info: ResourceRequestInfo },
): AskedWatch {
  const format = negotiate(accept, objectViews);
  const query = onlyNamed(asked.query, asked.info);
  return { ...listOptions(query, registry, { watch: true }), format, include: includeOf(query, format) };
}

/** Begins a watch; it ends with its reader, when the server stops, or when the kind is no longer served as it is. */
export function startWatch(
  registry: Registry,
  sink: Sink,
  { info, ...options }: AskedWatch & { readonly info: ResourceRequestInfo },
  services: RouteServices,
): void {
  const until = [services.stopping, ...(registry.ended ? [registry.ended] : [])];
  const namespace = registry.kind.namespaced ? info.namespace : '';
  new Watch(registry, sink, { ...options, namespace, until, clock: services.clock }).start();
}
