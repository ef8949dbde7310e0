import { badRequest, gone, type StatusError } from '@skiff/api/status';
import type { Registry } from '../registry/registry.ts';
import { Compacted, type Revision } from '../storage/store.ts';
import type { Cached } from '../watch/cached.ts';
import { decodeToken, encodeToken, latest } from './continue-token.ts';
import { checkVersion, type ListOptions, listOptions } from './list-options.ts';
import type { Answer, ApiRequest, ListAnswer } from './request.ts';

/** What is selected of what there is now. */
export function select(
  registry: Registry,
  namespace: string,
  { matches }: Pick<ListOptions, 'matches'>,
): { items: Cached[]; revision: Revision } {
  const { items, revision } = registry.cache.list(namespace);
  return { items: items.filter((cached) => matches(cached)), revision };
}

const tooOld = 'The resourceVersion for the provided list is too old.';
const tokenTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

/** What was there at a revision, in key order. Throws `expired` where the history no longer reaches back. */
function past(registry: Registry, namespace: string, at: Revision, expired: () => StatusError): readonly Cached[] {
  try {
    return registry.cache.past(namespace, at);
  } catch (error) {
    throw error instanceof Compacted ? expired() : error;
  }
}

interface Whole {
  readonly items: readonly Cached[];
  readonly revision: Revision;
  /** Only what comes after this key. */
  readonly after: string;
}

function whole(registry: Registry, namespace: string, options: ListOptions): Whole {
  const now = registry.cache.revision;
  if (options.continue) {
    if (options.resourceVersion) throw badRequest('specifying resource version is not allowed when using continue');
    const { revision, after } = decodeToken(options.continue);
    if (revision === now || revision === latest) return { ...registry.cache.list(namespace), after };
    const expired = () => gone(tokenTooOld, encodeToken({ revision: latest, after }));
    return { items: past(registry, namespace, revision, expired), revision, after };
  }
  const asked = options.resourceVersion;
  if (asked !== undefined) checkVersion(String(asked), now);
  // A list in chunks of a given version shows that version, as upstream does for compatibility.
  const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0);
  if (asked && exact) {
    return { items: past(registry, namespace, asked, () => gone(tooOld)), revision: asked, after: '' };
  }
  return { ...registry.cache.list(namespace), after: '' };
}

/** The page of a list that the options ask for. */
export function page(registry: Registry, namespace: string, options: ListOptions): ListAnswer {
  const { items, revision, after } = whole(registry, namespace, options);
  const rest = after ? items.filter((cached) => cached.key > after) : items;
  const found: Cached[] = [];
  for (const [index, cached] of rest.entries()) {
    if (!options.matches(cached)) continue;
    if (options.limit && found.length === options.limit) {
      const last = found.at(-1)?.key ?? '';
      const remaining = options.matches.selects === 'all' ? { remainingItemCount: rest.length - index } : {};
      const token = encodeToken({ revision, after: last });
      return {
        code: 200,
        items: found,
        metadata: { resourceVersion: String(revision), continue: token, ...remaining },
      };
    }
    found.push(cached);
  }
  return { code: 200, items: found, metadata: { resourceVersion: String(revision) } };
}

/** GET of a collection. */
export async function list(request: ApiRequest, registry: Registry): Promise<Answer> {
  return page(registry, request.info.namespace, listOptions(request.query, registry));
}
