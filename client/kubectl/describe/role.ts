import type { ClusterRole, ClusterRoleBinding } from '@skiff/api/types';
import { byBytes } from '../print/go-json.ts';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';

/** Roles and ClusterRoles. */
export const describeRole: Describer<ClusterRole> = ({ metadata, rules }) => {
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  lines.add('PolicyRule:').add('Resources\tNon-Resource URLs\tResource Names\tVerbs', 1);
  lines.add('---------\t-----------------\t--------------\t-----', 1);
  for (const rule of compact(rules ?? [])) {
    const [resource, part] = rule.resource.split('/');
    const name = `${resource}${rule.group ? `.${rule.group}` : ''}${part === undefined ? '' : `/${part}`}`;
    lines.add(`${name}\t[${rule.urls.join(' ')}]\t[${rule.names.join(' ')}]\t[${rule.verbs.join(' ')}]`, 1);
  }
  return lines.text;
};

interface SingleRule {
  readonly group: string;
  readonly resource: string;
  readonly urls: readonly string[];
  readonly names: readonly string[];
  verbs: readonly string[];
}

/** A rule for each resource; those of the same resource become one. In kubectl's order: by verbs, group, resource. */
function compact(rules: NonNullable<ClusterRole['rules']>): SingleRule[] {
  const single = new Map<string, SingleRule>();
  for (const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } of rules) {
    for (const group of apiGroups?.length ? apiGroups : ['']) {
      for (const resource of resources?.length ? resources : ['']) {
        const [urls, names] = [nonResourceURLs ?? [], resourceNames ?? []];
        const key = JSON.stringify([group, resource, urls, names]);
        const known = single.get(key);
        if (known) known.verbs = [...new Set([...known.verbs, ...verbs])];
        else single.set(key, { group, resource, urls, names, verbs });
      }
    }
  }
  const order = ({ verbs, group, resource, names }: SingleRule): string =>
    `[${verbs.join(' ')}],[${group}],[${resource}],[${names.join(' ')}]`;
  return [...single.values()].toSorted((a, b) => byBytes(order(a), order(b)));
}

/** RoleBindings and ClusterRoleBindings. */
export const describeRoleBinding: Describer<ClusterRoleBinding> = ({ metadata, roleRef, subjects }) => {
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  lines.add('Role:').add(`Kind:\t${roleRef.kind}`, 1).add(`Name:\t${roleRef.name}`, 1);
  lines.add('Subjects:').add('Kind\tName\tNamespace', 1).add('----\t----\t---------', 1);
  for (const { kind, name, namespace } of subjects ?? []) lines.add(`${kind}\t${name}\t${namespace ?? ''}`, 1);
  return lines.text;
};
