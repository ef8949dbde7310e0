import type { Verb } from '@skiff/api/kinds';

/** What a request is about, read from its method and URL alone (upstream: apiserver/pkg/endpoints/request/requestinfo.go). */
export type RequestInfo = ResourceRequestInfo | NonResourceRequestInfo;

export interface ResourceRequestInfo {
  readonly isResource: true;
  readonly verb: Verb;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  /** Empty for cluster-scoped requests and for those across namespaces. For a Namespace object, its own name. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for requests on a collection. */
  readonly name: string;
  /** What follows the subresource, as in `/proxy/some/path`. */
  readonly rest: string;
}

/** Discovery, health, version, OpenAPI. */
export interface NonResourceRequestInfo {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

const namespaceSubresources = new Set(['status', 'finalize']);

const objectVerbs: Readonly<Record<string, Verb>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const oldWatchVerbs: Readonly<Record<string, Verb>> = { GET: 'watch', HEAD: 'watch' };

/** As Go's strconv: what a client may write for true. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value !== 'false' && value !== '0' && value !== 'f' && value !== 'F' && value !== 'False';

function verbOf(method: string, named: boolean, query: URLSearchParams): Verb | undefined {
  const verb = objectVerbs[method];
  if (named) return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** `undefined` where a part of the path is not decodable. */
function segmentsOf(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Reads a request. A method that no resource knows (OPTIONS) makes it a request of no resource. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const other: NonResourceRequestInfo = { isResource: false, verb: method.toLowerCase(), path };
  const segments = segmentsOf(path);
  if (!segments) return other;
  const core = segments[0] === 'api';
  const [version, ...tail] = segments.slice(core ? 1 : 2);
  if ((!core && segments[0] !== 'apis') || !version || tail.length === 0) return other;

  // The old way to watch, still served: `/api/v1/watch/namespaces/n/pods`, also of one object.
  const watches = tail[0] === 'watch' && tail.length > 1;
  let namespace = '';
  let rest = watches ? tail.slice(1) : tail;
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest[2] !== undefined && !namespaceSubresources.has(rest[2])) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...more] = rest;
  const verb = watches ? oldWatchVerbs[method] : verbOf(method, name !== '', query);
  if (!verb) return other;
  const group = core ? '' : (segments[1] ?? '');
  return {
    isResource: true,
    verb,
    path,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    rest: more.join('/'),
  };
}
