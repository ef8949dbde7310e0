import { CommandError } from '../../failure.ts';
import { list } from '../../flags.ts';
import type { Session } from '../../session.ts';

export const ruleFlags = { verb: list(), resource: list(), 'resource-name': list() } as const;

interface RuleFlags {
  readonly verb: string[];
  readonly resource: string[];
  readonly 'resource-name': string[];
}

/** The rules of a role: one for each API group that the resources are of. */
export async function rulesOf(session: Session, flags: RuleFlags): Promise<object[]> {
  const split = (given: readonly string[]): string[] => given.flatMap((value) => value.split(','));
  const verbs = split(flags.verb);
  if (verbs.length === 0) throw new CommandError('at least one verb must be specified');
  const groups = new Map<string, string[]>();
  for (const word of split(flags.resource)) {
    const [name = '', part] = word.split('/');
    const found = name === '*' ? undefined : await session.resources.require(name);
    const group = found?.group ?? '';
    const plural = found?.plural ?? name;
    groups.set(group, [...(groups.get(group) ?? []), part === undefined ? plural : `${plural}/${part}`]);
  }
  if (groups.size === 0) throw new CommandError('at least one resource must be specified');
  const resourceNames = flags['resource-name'];
  return [...groups].map(([group, resources]) => ({
    apiGroups: [group],
    ...(resourceNames.length > 0 && { resourceNames }),
    resources,
    verbs,
  }));
}
