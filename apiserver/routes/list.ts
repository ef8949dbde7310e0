import { badRequest, gone } from '@skiff/api/status';
import type { Registry } from '../registry/registry.ts';
import { Compacted, type Revision } from '../storage/store.ts';
import type { Cached } from '../watch/cached.ts';
import { decodeToken, encodeToken } from './continue-token.ts';
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

/** What was there at a revision, in key order. Throws Expired where the history no longer reaches back. */
function past(registry: Registry, namespace: string, at: Revision): readonly Cached[] {
  try {
    return registry.cache.past(namespace, at);
  } catch (error) {
    if (error instanceof Compacted) {
      throw gone(`The resourceVersion for the provided list is too old: ${at} (the history begins at ${error.oldest})`);
    }
    throw error;
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
    return { items: past(registry, namespace, revision), revision, after };
  }
  const asked = options.resourceVersion;
  if (asked !== undefined) checkVersion(String(asked), now);
  // A list in chunks of a given version shows that version, as upstream does for compatibility.
  const exact = options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && options.limit > 0);
  if (asked && exact) return { items: past(registry, namespace, asked), revision: asked, after: '' };
  return { items: registry.cache.list(namespace).items, revision: now, after: '' };
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
