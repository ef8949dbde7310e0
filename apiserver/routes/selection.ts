import type { KubeObject } from '@skiff/api/meta';
import { FieldSelector } from '@skiff/api/selectors/field-selector';
import { LabelSelector, SelectorError } from '@skiff/api/selectors/label-selector';
import { badRequest, type StatusError } from '@skiff/api/status';
import type { Registry } from '../registry/registry.ts';
import type { Cached } from '../watch/cached.ts';

/** Whether an object is selected by a request's label and field selectors. */
export interface Predicate {
  (cached: Pick<Cached, 'object'>): boolean;
  /** `all`: no selector was given. */
  readonly selects: 'all' | 'some';
}

const everything: Predicate = Object.assign(() => true, { selects: 'all' as const });

type FieldReaders = Readonly<Record<string, (object: KubeObject) => string>>;

const name: FieldReaders = { 'metadata.name': ({ metadata }) => metadata.name };
const namespace: FieldReaders = { 'metadata.namespace': ({ metadata }) => metadata.namespace ?? '' };

/** The fields that selectors may name. Kinds without namespaces have one only where they have no fields of their own, as upstream. */
function readersOf({ kind, strategy }: Registry): FieldReaders {
  return { ...name, ...((kind.namespaced || !strategy.fields) && namespace), ...strategy.fields };
}

/** In the words of the kinds' own checks upstream, or of the check that all others share. */
function unsupported(path: string, { strategy }: Registry): StatusError {
  if (strategy.fields) return badRequest(`field label not supported: ${path}`);
  return badRequest(`"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
}

/** Reads the selectors of a list, a watch or a delete of a collection. Throws 400, also for fields that the kind does not offer. */
export function predicateOf(query: URLSearchParams, registry: Registry): Predicate {
  const labels = parsed(() => LabelSelector.parse(query.get('labelSelector') ?? ''));
  const fields = parsed(() => FieldSelector.parse(query.get('fieldSelector') ?? ''));
  if (labels.isEmpty && fields.isEmpty) return everything;
  const readers = readersOf(registry);
  for (const { path } of fields.terms) if (!Object.hasOwn(readers, path)) throw unsupported(path, registry);
  const matches = ({ object }: Pick<Cached, 'object'>): boolean =>
    labels.matches(object.metadata.labels ?? {}) && fields.matches((path) => readers[path]?.(object) ?? '');
  return Object.assign(matches, { selects: 'some' as const });
}
