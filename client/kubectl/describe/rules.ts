import { byBytes } from '../print/go-json.ts';

/** A rule as roles and reviews have it. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface SingleRule {
  readonly group: string;
  readonly resource: string;
  readonly url: string;
  readonly names: readonly string[];
  verbs: readonly string[];
}

/** Rules as lines of a table: resources, non-resource URLs, resource names, verbs. */
export function ruleLines(rules: readonly Rule[]): string[] {
  return single(rules).map(({ group, resource, url, names, verbs }) => {
    const [name, part] = resource.split('/');
    const title = `${name}${group ? `.${group}` : ''}${part === undefined ? '' : `/${part}`}`;
    return `${title}\t[${url}]\t[${names.join(' ')}]\t[${verbs.join(' ')}]`;
  });
}

/** A rule for each resource and each URL; those of the same resource become one. In kubectl's order: by verbs, group, resource. */
function single(rules: readonly Rule[]): SingleRule[] {
  const byResource = new Map<string, SingleRule>();
  const urls: SingleRule[] = [];
  for (const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } of rules) {
    for (const url of nonResourceURLs ?? []) urls.push({ group: '', resource: '', url, names: [], verbs });
    // One name each; a rule without names is for all.
    const named = resourceNames?.length ? resourceNames.map((name) => [name]) : [[]];
    const resourcesOf = (apiGroups ?? []).flatMap((group) =>
      (resources ?? []).map((resource) => ({ group, resource })),
    );
    for (const { group, resource } of resourcesOf) {
      for (const names of named) {
        const key = JSON.stringify([group, resource, names]);
        const known = byResource.get(key);
        if (known) known.verbs = [...new Set([...known.verbs, ...verbs])];
        else byResource.set(key, { group, resource, url: '', names, verbs });
      }
    }
  }
  const order = ({ verbs, group, resource, names, url }: SingleRule): string =>
    url === ''
      ? `[${verbs.join(' ')}],[${group}],[${resource}],[${names.join(' ')}]`
      : `[${verbs.join(' ')}],[],[],[],[${url}]`;
  return [...byResource.values(), ...urls].toSorted((a, b) => byBytes(order(a), order(b)));
}
