/**
 * The kinds that Skiff serves, a row each. Routes, discovery, authorization, the client, the tiny kubectl and the
 * completeness tests all read this table. Names, short names, categories and verbs are those of Kubernetes v1.36. The rows
 * stand in `kinds/`, by group.
 */
import {
  apiextensionsKinds,
  coordinationKinds,
  nodeKinds,
  rbacKinds,
  schedulingKinds,
  storageKinds,
} from './kinds/cluster.ts';
import { coreKinds } from './kinds/core.ts';
import { discoveryKinds, networkingKinds } from './kinds/networking.ts';
import type { Row } from './kinds/row.ts';
import { viewRows } from './kinds/views.ts';
import { appsKinds, autoscalingKinds, batchKinds, policyKinds } from './kinds/workloads.ts';

export const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
export type Verb = (typeof verbs)[number];

/** A part of an object with an address of its own, as `pods/status`. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** What is sent and answered, where that is not the object itself: `Scale` of `autoscaling/v1`. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Of custom resources that call their lists otherwise than `KindList`. */
  readonly listKind?: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** The name of its schema, which is also its type in @kubernetes/client-node: `V1Pod`. Of custom resources: that in OpenAPI. */
  readonly model: string;
}

const groups: Readonly<Record<string, readonly Row[]>> = {
  '': coreKinds,
  'apiextensions.k8s.io': apiextensionsKinds,
  apps: appsKinds,
  autoscaling: autoscalingKinds,
  batch: batchKinds,
  'coordination.k8s.io': coordinationKinds,
  'discovery.k8s.io': discoveryKinds,
  'networking.k8s.io': networkingKinds,
  'node.k8s.io': nodeKinds,
  policy: policyKinds,
  'rbac.authorization.k8s.io': rbacKinds,
  'scheduling.k8s.io': schedulingKinds,
  'storage.k8s.io': storageKinds,
};

const fromRow = (group: string, row: Row): Kind => ({
  group,
  version: 'v1',
  singular: row.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs,
  ...row,
  subresources: (row.subresources ?? []).toSorted((one, other) => (one.name < other.name ? -1 : 1)),
});

export const kinds: readonly Kind[] = Object.entries(groups).flatMap(([group, rows]) =>
  rows.map((row) => fromRow(group, row)),
);

/** Another form of a kind's objects, in another group or version. */
export interface View extends Kind {
  /** The name of the kind in whose form they are stored. */
  readonly of: string;
}

export const views: readonly View[] = viewRows.map(({ of, ...row }) => ({ ...fromRow(row.group, row), of }));

/** The kind of this name, as `Pod`; the names of the table are unique. Throws where there is none. */
export function kindNamed(name: string): Kind {
  const found = kinds.find((kind) => kind.kind === name);
  if (!found) throw new Error(`no kind "${name}" in the kinds table`);
  return found;
}

/** The kind behind a path: `apps`, `v1`, `deployments`. */
export function kindAt(group: string, version: string, plural: string): Kind | undefined {
  return kinds.find((kind) => kind.plural === plural && kind.group === group && kind.version === version);
}

/** `apiVersion` of a kind: `v1`, `apps/v1`. */
export function apiVersionOf(kind: { group: string; version: string }): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** The path that a kind's objects live under: `/api/v1/namespaces/default/pods`, `/apis/apps/v1/deployments`. */
export function collectionPath(
  kind: Pick<Kind, 'group' | 'version' | 'plural' | 'namespaced'>,
  namespace?: string,
): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  return kind.namespaced && namespace ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
}
