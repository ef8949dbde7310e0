import { apiVersionOf } from '@skiff/api/kinds';
import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { bool, list, text } from '../flags.ts';
import { TabWriter, tableTabs } from '../print/tab-writer.ts';
import { qualifiedPlural } from '../resources/resource-mapper.ts';

/** `kubectl api-resources`: what the server serves. */
export const command = defineCommand({
  usage: 'api-resources',
  summary: 'Print the supported API resources on the server.',
  flags: {
    output: text('o'),
    'no-headers': bool(),
    namespaced: bool(undefined, true),
    'api-group': text(),
    verbs: list(),
    categories: list(),
    'sort-by': text(),
    cached: bool(),
  },
  async run(session, { flags, given }) {
    const { output } = flags;
    if (output !== undefined && output !== 'wide' && output !== 'name')
      throw new CommandError(`--output ${output} is not available`);
    const split = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','));
    const verbs = split(flags.verbs);
    const categories = split(flags.categories);
    const all = await session.resources.all();
    const resources = all.filter(
      (one, at) =>
        // Of several versions of a group, the preferred one comes first.
        all.findIndex(({ group, plural }) => group === one.group && plural === one.plural) === at &&
        (!given.has('namespaced') || one.namespaced === flags.namespaced) &&
        (flags['api-group'] === undefined || one.group === flags['api-group']) &&
        verbs.every((verb) => one.verbs.some((own) => own === verb)) &&
        categories.every((category) => one.categories.includes(category)),
    );
    const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    resources.sort((a, b) =>
      flags['sort-by'] === 'kind'
        ? order(a.kind, b.kind)
        : flags['sort-by'] === 'name'
          ? order(a.plural, b.plural)
          : order(a.group, b.group) || order(a.plural, b.plural),
    );
    if (output === 'name') {
      for (const resource of resources) session.out(qualifiedPlural(resource));
      return;
    }
    const wide = output === 'wide';
    const titles = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
    const rows = resources.map((one) => [
      one.plural,
      one.shortNames.join(','),
      apiVersionOf(one),
      String(one.namespaced),
      one.kind,
      ...(wide ? [one.verbs.join(','), one.categories.join(',')] : []),
    ]);
    const lines = [...(flags['no-headers'] ? [] : [titles]), ...rows].map((cells) => `${cells.join('\t')}\n`);
    session.io.out(new TabWriter(tableTabs).format(lines.join('')));
  },
});
