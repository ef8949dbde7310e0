import type { KindTypes } from '@skiff/api/types';
import type { Client } from './client.ts';
import { type GroupName, type Groups, groups } from './groups.ts';
import { PodsInNamespace, ResourceInNamespace } from './resource-in-namespace.ts';

/** What an accessor gives: Pods can be talked to, too. */
type Accessed<Name extends keyof KindTypes> = Name extends 'Pod'
  ? PodsInNamespace<KindTypes['Pod']>
  : ResourceInNamespace<KindTypes[Name]>;

/** The accessors of one API group: `client.apps.deployments('default')`; without a namespace, those of all. */
export type Group<Name extends GroupName> = {
  readonly [Plural in keyof Groups[Name]]: (
    namespace?: string,
  ) => Groups[Name][Plural] extends keyof KindTypes ? Accessed<Groups[Name][Plural]> : never;
};

/** Makes the accessors of a group. */
export function groupOf<Name extends GroupName>(client: Client, name: Name): Group<Name> {
  const accessors = Object.entries(groups[name]).map(([plural, kind]) => [
    plural,
    (namespace?: string) =>
      kind === 'Pod'
        ? new PodsInNamespace(client, client.resource('Pod'), namespace)
        : new ResourceInNamespace(client.resource(kind), namespace),
  ]);
  // Each accessor is of the kind that the table says; TypeScript does not follow entries.
  return Object.fromEntries(accessors) as Group<Name>;
}
