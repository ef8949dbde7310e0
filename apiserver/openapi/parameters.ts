import type { Dialect } from './schemas.ts';

type Json = Record<string, unknown>;

/** What requests may say beside their bodies, in upstream's words where they are short. */
const descriptions: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'allowWatchBookmarks requests watch events with type "BOOKMARK".',
  continue: 'The continue option should be set when retrieving more results from the server.',
  dryRun:
    'When present, indicates that modifications should not be persisted. An invalid or unrecognized dryRun directive will result in an error response and no further processing of the request. Valid values are: - All: all dry run stages will be processed',
  fieldManager:
    'fieldManager is a name associated with the actor or entity that is making these changes. The value must be less than or 128 characters long, and only contain printable characters, as defined by https://golang.org/pkg/unicode/#IsPrint.',
  fieldSelector: 'A selector to restrict the list of returned objects by their fields. Defaults to everything.',
  fieldValidation:
    'fieldValidation instructs the server on how to handle objects in the request (POST/PUT/PATCH) containing unknown or duplicate fields. Valid values are: - Ignore, - Warn, - Strict',
  force:
    'Force is going to "force" Apply requests. It means user will re-acquire conflicting fields owned by other people. Force flag must be unset for non-apply patch requests.',
  gracePeriodSeconds:
    'The duration in seconds before the object should be deleted. Value must be non-negative integer. The value zero indicates delete immediately.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'if set to true, it will trigger an unsafe deletion of the resource in case the normal deletion flow fails with a corrupt object error.',
  labelSelector: 'A selector to restrict the list of returned objects by their labels. Defaults to everything.',
  limit: 'limit is a maximum number of responses to return for a list call.',
  namespace: 'object name and auth scope, such as for teams and projects',
  orphanDependents: 'Deprecated: please use the PropagationPolicy. Should the dependent objects be orphaned.',
  path: 'path is the URL path to use for the current proxy request.',
  pretty:
    "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).",
  propagationPolicy: 'Whether and how garbage collection will be performed.',
  resourceVersion: 'resourceVersion sets a constraint on what resource versions a request may be served from.',
  resourceVersionMatch: 'resourceVersionMatch determines how resourceVersion is applied to list calls.',
  sendInitialEvents: '`sendInitialEvents=true` may be set together with `watch=true`.',
  shardSelector:
    'shardSelector restricts the list of returned objects using a CEL-based shard selector expression. This is an alpha field and requires enabling the ShardedListAndWatch feature gate.',
  timeoutSeconds:
    'Timeout for the list/watch call. This limits the duration of the call, regardless of any activity or inactivity.',
  watch:
    'Watch for changes to the described resources and return them as a stream of add, update, and remove notifications. Specify resourceVersion.',
};
const integers = new Set([
  ...['limit', 'timeoutSeconds', 'gracePeriodSeconds', 'limitBytes', 'ports', 'sinceSeconds', 'tailLines'],
]);
const booleans = new Set([
  ...['allowWatchBookmarks', 'force', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents'],
  ...['sendInitialEvents', 'watch', 'follow', 'insecureSkipTLSVerifyBackend', 'previous', 'timestamps'],
  ...['stderr', 'stdin', 'stdout', 'tty'],
]);

export const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
] as const;
export const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'] as const;
export const deleteParameters = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
] as const;
export const deleteCollectionParameters = [
  ...deleteParameters,
  ...listParameters.filter((name) => name !== 'watch' && name !== 'allowWatchBookmarks'),
].sort();

const streams = ['container', 'stderr', 'stdin', 'stdout', 'tty'];
/** What requests may ask of a Pod's streams and of what is handed on, by subresource. */
export const streamParameters: Readonly<Record<string, readonly string[]>> = {
  attach: streams,
  exec: ['command', ...streams],
  log: [
    ...['container', 'follow', 'insecureSkipTLSVerifyBackend', 'limitBytes', 'previous', 'sinceSeconds', 'stream'],
    ...['tailLines', 'timestamps'],
  ],
  portforward: ['ports'],
  proxy: ['path'],
};

/** A parameter of a query, or of the path. `kind` is what a name in the path is the name of. */
export function parameter(name: string, place: 'query' | 'path', options: { dialect: Dialect; kind: string }): Json {
  const type = integers.has(name) ? 'integer' : booleans.has(name) ? 'boolean' : 'string';
  const schema = { type, uniqueItems: true };
  const description = descriptions[name] ?? `${name} of the ${options.kind}`;
  const common = { name, in: place, description, ...(place === 'path' && { required: true }) };
  return options.dialect === 'v3' ? { ...common, schema } : { ...common, ...schema };
}
