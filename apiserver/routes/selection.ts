import type { Registry } from '../registry/registry.ts';
import { parseFieldSelector } from '../selectors/field-selector.ts';
import { parseLabelSelector } from '../selectors/label-selector.ts';
import type { Cached } from '../watch/cached.ts';

/** Whether an object is selected by a request's label and field selectors. */
export interface Predicate {
  (cached: Pick<Cached, 'object'>): boolean;
  /** `all`: no selector was given. */
  readonly selects: 'all' | 'some';
}

const everything: Predicate = Object.assign(() => true, { selects: 'all' as const });

/** Reads the selectors of a list, a watch or a delete of a collection. Throws 400. */
export function predicateOf(query: URLSearchParams, registry: Registry): Predicate {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  if (!labels && !fields) return everything;
  const byLabels = parseLabelSelector(labels ?? '');
  const byFields = parseFieldSelector(fields ?? '', registry.strategy.fields);
  const matches = ({ object }: Pick<Cached, 'object'>): boolean => byLabels(object.metadata.labels) && byFields(object);
  return Object.assign(matches, { selects: 'some' as const });
}
