import type { Namespace } from '@skiff/api/types';
import type { ApiResource } from '@skiff/client/resource';
import { wireTime } from '../wire-time.ts';

export type NamespaceCondition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number];

/** An object that is still in a namespace which is being deleted. */
export interface Remaining {
  readonly kind: ApiResource;
  readonly finalizers: readonly string[];
}

/** How many there are of each word, sorted: `pods. has 2 resource instances`. */
function counted(words: readonly string[], verb: 'has' | 'in'): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .map(([word, count]) => `${word} ${verb} ${count} resource instances`)
    .sort()
    .join(', ');
}

/** The conditions of a namespace that is being deleted, as upstream's namespace controller writes them; undefined if nothing changed. */
export function namespaceConditions(
  before: readonly NamespaceCondition[],
  remaining: readonly Remaining[],
  now: Date,
): NamespaceCondition[] | undefined {
  const resources = counted(
    remaining.map(({ kind }) => `${kind.plural}.${kind.group}`),
    'has',
  );
  const finalizers = counted(
    remaining.flatMap((object) => object.finalizers),
    'in',
  );
  const said: [type: string, status: boolean, reason: string, message: string][] = [
    ['NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    resources
      ? ['NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${resources}`]
      : ['NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'],
    finalizers
      ? [
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers}`,
        ]
      : ['NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
  ];
  let changed = false;
  const after = said.map(([type, holds, reason, message]): NamespaceCondition => {
    const status = holds ? 'True' : 'False';
    const old = before.find((condition) => condition.type === type);
    if (old?.status === status && old.reason === reason && old.message === message) return old;
    changed = true;
    const since = old?.status === status ? old.lastTransitionTime : undefined;
    return { type, status, reason, message, lastTransitionTime: since ?? wireTime(now.getTime()) };
  });
  return changed ? after : undefined;
}
