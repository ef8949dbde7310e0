import { apiVersionOf, type Kind, type Subresource } from '@skiff/api/kinds';
import { compareVersions } from '@skiff/api/version-order';
import type { Resources } from '../registry/resources.ts';

/** `APIResource` of meta/v1. */
export interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
}

/** A resource that is only ever created and never stored, as a Binding. */
export interface VirtualResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** The name of its schema. */
  readonly model: string;
}

const authentication = { group: 'authentication.k8s.io', version: 'v1' };
const authorization = { group: 'authorization.k8s.io', version: 'v1' };

/** The plural of a review is its name in lower case with an s. */
const review = (of: { group: string; version: string }, kind: string, namespaced = false): VirtualResource => ({
  ...of,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced,
  model: `V1${kind}`,
});

export const virtualResources: readonly VirtualResource[] = [
  { group: '', version: 'v1', kind: 'Binding', plural: 'bindings', namespaced: true, model: 'V1Binding' },
  review(authentication, 'TokenReview'),
  review(authentication, 'SelfSubjectReview'),
  review(authorization, 'SelfSubjectAccessReview'),
  review(authorization, 'SubjectAccessReview'),
  review(authorization, 'LocalSubjectAccessReview', true),
  review(authorization, 'SelfSubjectRulesReview'),
];

/** The groups in the order in which clients prefer them (upstream: the priorities of the aggregator's APIServices). */
const groupOrder = [
  '',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
];

/** As apps comes after core and before all others. */
const rank = (group: string): number => {
  if (group === 'apps') return 0.5;
  const at = groupOrder.indexOf(group);
  return at < 0 ? groupOrder.length : at;
};

/** Everything that one group serves in one version. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
  readonly virtual: readonly VirtualResource[];
}

/** All group versions of some kinds and of what is never stored: preferred groups first, and in each the preferred version. */
export function groupVersions(kinds: readonly Kind[]): GroupVersion[] {
  const found = new Map<string, { group: string; version: string; kinds: Kind[]; virtual: VirtualResource[] }>();
  const at = ({ group, version }: { group: string; version: string }) => {
    const key = apiVersionOf({ group, version });
    let entry = found.get(key);
    if (!entry) {
      entry = { group, version, kinds: [], virtual: [] };
      found.set(key, entry);
    }
    return entry;
  };
  for (const kind of kinds) at(kind).kinds.push(kind);
  for (const virtual of virtualResources) at(virtual).virtual.push(virtual);
  return [...found.values()].sort(
    (a, b) =>
      rank(a.group) - rank(b.group) ||
      (a.group < b.group ? -1 : a.group > b.group ? 1 : compareVersions(a.version, b.version)),
  );
}

/** Whether the server itself serves the group, in any version; groups of CustomResourceDefinitions are not of these. */
export const isOwnGroup = (group: string, resources: Resources): boolean =>
  resources.hasGroup(group) || virtualResources.some((virtual) => virtual.group === group);

function subresourceOf(kind: Kind, subresource: Subresource): ApiResource {
  const { group, version } = subresource;
  return {
    name: `${kind.plural}/${subresource.name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(group !== undefined && { group }),
    ...(version !== undefined && { version }),
    kind: subresource.kind ?? kind.kind,
    verbs: subresource.verbs,
  };
}

/** The resources of a group version as plain discovery lists them: by name, each with its subresources in the order of its row. */
export function apiResources(groupVersion: GroupVersion): ApiResource[] {
  const resources = groupVersion.kinds.flatMap((kind): ApiResource[] => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: kind.verbs,
      ...(kind.shortNames.length && { shortNames: kind.shortNames }),
      ...(kind.categories.length && { categories: kind.categories }),
    },
    ...kind.subresources.map((subresource) => subresourceOf(kind, subresource)),
  ]);
  const virtual = groupVersion.virtual.map(({ plural, kind, namespaced }): ApiResource => {
    return { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: ['create'] };
  });
  const plural = ({ name }: ApiResource): string => name.split('/', 1)[0] ?? name;
  return [...resources, ...virtual].sort((a, b) => (plural(a) < plural(b) ? -1 : plural(a) > plural(b) ? 1 : 0));
}
