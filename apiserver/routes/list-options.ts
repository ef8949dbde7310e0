import { badRequest, invalid, type StatusCause, StatusError } from '@skiff/api/status';
import type { Registry } from '../registry/registry.ts';
import { isTrue } from '../request-info.ts';
import type { Revision } from '../storage/store.ts';
import { type Predicate, predicateOf } from './selection.ts';

/** `ListOptions` of meta/v1, checked. */
export interface ListOptions {
  readonly matches: Predicate;
  /** No version at all means the newest; 0 means any. */
  readonly resourceVersion: Revision | undefined;
  readonly resourceVersionMatch: '' | 'NotOlderThan' | 'Exact';
  /** 0: everything. */
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  /** Whether a watch begins with what is there. Not said: where it names no version to begin at. */
  readonly sendInitialEvents: boolean | undefined;
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`${name}: "${text}" is no whole number`);
  return Number(text);
}

function parseVersion(text: string): Revision | undefined {
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version "${text}": it is no whole number`);
  return Number(text);
}

/** 504, as a server that waited in vain for a version: nobody but this server makes versions. */
function fromTheFuture(asked: Revision, current: Revision): StatusError {
  return new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

/** Reads a `resourceVersion` that a read must be at least as new as. Throws 400, and 504 for one that has not happened. */
export function checkVersion(text: string, current: Revision): Revision | undefined {
  const asked = parseVersion(text);
  if (asked !== undefined && asked > current) throw fromTheFuture(asked, current);
  return asked;
}

/** The rules of upstream's ValidateListOptions: which options go together. */
function validate(query: URLSearchParams, watch: boolean): void {
  const causes: StatusCause[] = [];
  const forbidden = (field: string, why: string): void => {
    causes.push({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });
  };
  const field = 'resourceVersionMatch';
  const match = query.get(field) ?? '';
  const version = query.get('resourceVersion') ?? '';
  const initial = query.get('sendInitialEvents');
  const known: readonly string[] = watch ? ['NotOlderThan'] : ['NotOlderThan', 'Exact'];
  if (watch && initial !== null && match !== 'NotOlderThan') {
    forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (watch && initial === null) {
      forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (!watch && version === '')
      forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (query.get('continue')) forbidden(field, 'resourceVersionMatch is forbidden when continue is provided');
    if (!known.includes(match)) {
      const message = `Unsupported value: "${match}": supported values: ${known.map((name) => `"${name}"`).join(', ')}`;
      causes.push({ reason: 'FieldValueNotSupported', field, message });
    }
    if (!watch && match === 'Exact' && version === '0') {
      forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (!watch && initial !== null) forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  if (causes.length) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
}

/** Reads the query of a list, a watch or a delete of a collection. Throws 400 and 422. */
export function listOptions(
  query: URLSearchParams,
  registry: Registry,
  options: { watch?: boolean } = {},
): ListOptions {
  const watch = options.watch ?? false;
  const matches = predicateOf(query, registry);
  const timeoutSeconds = wholeNumber(query, 'timeoutSeconds');
  const limit = wholeNumber(query, 'limit') ?? 0;
  validate(query, watch);
  const resourceVersion = parseVersion(query.get('resourceVersion') ?? '');
  return {
    matches,
    resourceVersion,
    // One of them: checked above.
    resourceVersionMatch: (query.get('resourceVersionMatch') ?? '') as ListOptions['resourceVersionMatch'],
    // Whoever takes any version gets all of it, as upstream out of its cache.
    limit: resourceVersion === 0 ? 0 : Math.max(limit, 0),
    continue: query.get('continue') ?? '',
    timeoutSeconds,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined,
  };
}
