import { apiVersionOf, type Kind, type Subresource, type Verb } from '@skiff/api/kinds';
import { customResourceType, type StructuralSchema } from '../managed-fields/structural-type.ts';
import { Registry } from '../registry/registry.ts';
import type { Form } from '../registry/shape.ts';
import type { Store } from '../storage/store.ts';
import type { Caches } from '../watch/caches.ts';
import { customCodec } from './codec.ts';
import { type Definition, type DefinitionVersion, isTrue, schemaOf, storageVersion } from './definition/definition.ts';
import { openApiName, openApiSchemas } from './open-api.ts';
import { customPrinter } from './printer.ts';
import { customShape } from './shape.ts';
import { customStrategy } from './strategy.ts';

/** In the order in which kube-apiserver lists them. */
const verbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
/** While a definition and its objects go, there are no new ones; those that finalizers hold can be changed to let them go. */
const endingVerbs = verbs.filter((verb) => verb !== 'create');

function subresourcesOf({ subresources }: DefinitionVersion): Subresource[] {
  const partial: readonly Verb[] = ['get', 'patch', 'update'];
  const scale = { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: partial };
  return [
    ...(subresources?.status ? [{ name: 'status', verbs: partial }] : []),
    ...(subresources?.scale ? [scale] : []),
  ];
}

/** The kind that a version of a definition defines, under the names that were accepted. */
export function kindOf(definition: Definition, version: DefinitionVersion): Kind {
  const { group, scope } = definition.spec;
  const names = definition.status?.acceptedNames ?? definition.spec.names;
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind || `${names.kind}List`,
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs: isTrue(definition, 'Terminating') ? endingVerbs : verbs,
    subresources: subresourcesOf(version),
    model: openApiName({ group, version: version.name, kind: names.kind }),
  };
}

/** How objects merge in each version that is served. */
function mergeTypes({ spec }: Definition): Form['mergeTypeIn'] {
  const types = new Map<string, ReturnType<typeof customResourceType>>();
  return (apiVersion) => {
    const version = spec.versions.find(({ name, served }) => served && `${spec.group}/${name}` === apiVersion);
    if (!version) return undefined;
    const known = types.get(version.name) ?? customResourceType(schemaOf(version) as StructuralSchema); // what is stored has one schema for all items
    types.set(version.name, known);
    return known;
  };
}

/** Webhooks are not called: what they would convert can be had only as it is stored. */
function unconverted(definition: Definition, kind: Kind): string | undefined {
  if (definition.spec.conversion?.strategy !== 'Webhook' || kind.version === storageVersion(definition))
    return undefined;
  return `conversion webhook for ${apiVersionOf(kind)}, Kind=${kind.kind} failed: this server calls no conversion webhooks`;
}

function formOf(definition: Definition, version: DefinitionVersion, kind: Kind): Form {
  const { deprecated, deprecationWarning } = version;
  const warning = deprecationWarning ?? `${kind.group}/${kind.version} ${kind.kind} is deprecated`;
  return {
    shape: customShape(schemaOf(version)),
    mergeTypeIn: mergeTypes(definition),
    printer: customPrinter(version),
    warnings: deprecated ? [warning] : [],
    custom: {
      openApi: (dialect) => openApiSchemas(kind, version, dialect),
      origin: `${definition.metadata.uid} ${definition.metadata.generation} ${JSON.stringify(kind)}`,
      scale: version.subresources?.scale,
      unconverted: unconverted(definition, kind),
    },
  };
}

/** A registry for each version that a definition serves; none before it is established. */
export function customRegistries(
  definition: Definition,
  options: { store: Store; caches: Caches; ended: AbortSignal },
): Registry[] {
  if (!isTrue(definition, 'Established')) return [];
  const stored = storageVersion(definition);
  return definition.spec.versions
    .filter(({ served }) => served)
    .map((version) => {
      const kind = kindOf(definition, version);
      const form = formOf(definition, version, kind);
      const codec = customCodec(kind, { schema: schemaOf(version), storageVersion: stored });
      return new Registry({ kind, form, codec, strategy: customStrategy(version), ...options });
    });
}
