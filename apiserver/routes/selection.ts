import type { Registry } from '../registry/registry.ts';
import type { Cached } from '../watch/cached.ts';

/** Whether an object is selected by a request's label and field selectors. */
export interface Predicate {
  (cached: Pick<Cached, 'object'>): boolean;
  /** `all`: no selector was given. */
  readonly selects: 'all' | 'some';
}

export function predicateOf(query: URLSearchParams, _registry: Registry): Predicate {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const predicate = (cached: Pick<Cached, 'object'>): boolean => {
    for (const term of labels.split(',').filter(Boolean)) {
      const [key = '', value] = term.split('=');
      const has = cached.object.metadata.labels?.[key];
      if (value === undefined ? has === undefined : has !== value) return false;
    }
    for (const term of fields.split(',').filter(Boolean)) {
      const [key = '', value] = term.split('=');
      if (key === 'metadata.name' && cached.object.metadata.name !== value) return false;
      if (key === 'metadata.namespace' && cached.object.metadata.namespace !== value) return false;
    }
    return true;
  };
  return Object.assign(predicate, { selects: labels || fields ? ('some' as const) : ('all' as const) });
}
