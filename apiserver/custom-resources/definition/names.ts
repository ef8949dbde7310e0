import { isDeepStrictEqual } from 'node:util';
import { approvalOf } from './approval.ts';
import type { Definition, DefinitionNames, DefinitionStatus } from './definition.ts';
import { withCondition } from './definition.ts';

/** Names that other definitions of the group have. */
interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function takenBy(others: readonly Definition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

const used = (name: string): string => `${JSON.stringify(name)} is already in use`;

/** The names that a definition gets of those it asks for, and the last conflict, if there is one. */
function settle(
  asked: DefinitionNames,
  had: Partial<DefinitionNames>,
  taken: Taken,
): [DefinitionNames, Conflict | undefined] {
  const accepted: DefinitionNames = { kind: '', plural: '', ...had };
  let conflict: Conflict | undefined;
  const one = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    names: ReadonlySet<string>,
    reason: string,
  ): void => {
    const name = asked[field] ?? '';
    if (name !== (had[field] ?? '') && names.has(name)) conflict = { reason, message: used(name) };
    else accepted[field] = name;
  };
  one('plural', taken.resources, 'PluralConflict');
  one('singular', taken.resources, 'SingularConflict');
  const short = asked.shortNames ?? [];
  const clashing = short.filter((name) => !had.shortNames?.includes(name) && taken.resources.has(name));
  if (clashing.length) {
    const message = clashing.length === 1 ? clashing.map(used).join() : `[${clashing.map(used).join(', ')}]`;
    conflict = { reason: 'ShortNamesConflict', message };
  } else if (short.length) accepted.shortNames = short;
  else delete accepted.shortNames;
  one('kind', taken.kinds, 'KindConflict');
  one('listKind', taken.kinds, 'ListKindConflict');
  if (asked.categories?.length) accepted.categories = asked.categories;
  else delete accepted.categories;
  return [accepted, conflict];
}

/**
 * The status that a definition should have beside the other ones of its group, which came before it: the names that are its
 * own, and whether it is established (upstream: apiextensions-apiserver/pkg/controller/status and establish). Undefined if it has it.
 */
export function settledStatus(
  definition: Definition,
  others: readonly Definition[],
  now: string,
): DefinitionStatus | undefined {
  const { status, spec } = definition;
  const [acceptedNames, conflict] = settle(spec.names, status?.acceptedNames ?? {}, takenBy(others));
  let conditions = status?.conditions ?? [];
  const set = (type: string, holds: boolean, { reason, message }: Conflict): void => {
    conditions = withCondition(conditions, { type, status: holds ? 'True' : 'False', reason, message }, now);
  };
  set('NamesAccepted', !conflict, conflict ?? { reason: 'NoConflicts', message: 'no conflicts found' });
  const established = conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  if (!established) {
    const because = conflict
      ? { reason: 'NotAccepted', message: 'not all names are accepted' }
      : { reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
    set('Established', !conflict, because);
  }
  const approval = approvalOf(definition);
  if (approval)
    conditions = withCondition(conditions, { type: 'KubernetesAPIApprovalPolicyConformant', ...approval }, now);
  const settled: DefinitionStatus = { ...status, acceptedNames, conditions };
  return isDeepStrictEqual(settled, status) ? undefined : settled;
}
