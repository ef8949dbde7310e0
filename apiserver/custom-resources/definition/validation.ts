import { isDeepStrictEqual } from 'node:util';
import { invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1035Label, dns1123Subdomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { type JsonSchema, someSchema } from '../schema/json-schema.ts';
import { approvalFaults } from './approval.ts';
import { conversionFaults } from './conversion-rules.ts';
import { type Definition, type DefinitionNames, type DefinitionVersion, isTrue, schemaOf } from './definition.ts';
import { rootFaults } from './root-rules.ts';
import { columnFaults, selectableFieldFaults, subresourceFaults } from './version-rules.ts';

/** What is wrong with a definition (upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation). */
export function definitionFaults(
  definition: Definition,
  old: Definition | undefined,
  subresource: string,
): StatusCause[] {
  const status = nameFaults(definition.status?.acceptedNames ?? { kind: '', plural: '' }, 'status.acceptedNames');
  if (subresource === 'status') return status;
  const { spec } = definition;
  return [
    ...(old ? [] : nameOf(definition)),
    ...specFaults(spec),
    ...(old ? immutable(definition, old) : []),
    ...status,
    ...storedVersionFaults(definition),
    ...approvalFaults(definition, old),
    ...(spec.preserveUnknownFields && !old?.spec.preserveUnknownFields
      ? [
          invalidValue(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

function nameOf({ metadata, spec }: Definition): StatusCause[] {
  const { name, generateName } = metadata;
  const wanted = `${spec.names.plural}.${spec.group}`;
  const rule = (given: string): string[] => (given === wanted ? [] : ['must be spec.names.plural+"."+spec.group']);
  return [
    ...(generateName ? invalidBy(rule, 'metadata.generateName', generateName) : []),
    ...(name ? invalidBy(rule, 'metadata.name', name) : []),
  ];
}

const joined = (rule: (text: string) => string[], field: string, value: string, prefix = ''): StatusCause[] => {
  const errors = rule(value);
  return errors.length ? [invalidValue(field, value, prefix + errors.join(','))] : [];
};

function groupFaults(group: string): StatusCause[] {
  const field = 'spec.group';
  if (!group) return [required(field)];
  const causes = joined(dns1123Subdomain, field, group);
  if (causes.length || group.includes('.')) return causes;
  return [invalidValue(field, group, 'should be a domain with at least one dot')];
}

const hasDefaults = (schema: JsonSchema): boolean => someSchema(schema, (inner) => inner.default !== undefined);

const scopes = ['Cluster', 'Namespaced'];

function specFaults(spec: Definition['spec']): StatusCause[] {
  const { group, scope, conversion, names } = spec;
  const versions = spec.versions ?? []; // null stands for none
  const causes = groupFaults(group);
  if (!scope) causes.push(required('spec.scope'));
  else if (!scopes.includes(scope)) causes.push(notSupported('spec.scope', scope, scopes));
  for (const [index, { schema }] of versions.entries()) {
    if (schema?.openAPIV3Schema) continue;
    causes.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'));
  }
  causes.push(...versionsFaults(versions));
  if (spec.preserveUnknownFields && versions.some((version) => hasDefaults(schemaOf(version)))) {
    causes.push(
      invalidValue('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'),
    );
  }
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[name]) causes.push(required(`spec.names.${name}`));
  }
  causes.push(...nameFaults(names, 'spec.names'));
  if (spec.preserveUnknownFields && conversion && conversion.strategy !== 'None') {
    const rule = 'must be None if spec.preserveUnknownFields is true';
    causes.push(invalidValue('spec.conversion.strategy', conversion.strategy, rule));
  }
  causes.push(...conversionFaults(conversion, 'spec.conversion'));
  return causes;
}

const hasStatus = ({ subresources }: DefinitionVersion): boolean => subresources?.status !== undefined;

function versionsFaults(versions: readonly DefinitionVersion[]): StatusCause[] {
  const causes: StatusCause[] = [];
  const path = placesOf(versions);
  for (const [index, version] of versions.entries()) {
    causes.push(...joined(dns1035Label, `spec.versions[${index}].name`, version.name));
    causes.push(...warningFaults(version, `spec.versions[${index}].deprecationWarning`));
    // What all versions have in common is checked once.
    const common = (place: string): boolean => index > 0 && !place.startsWith('spec.versions');
    const schema = version.schema?.openAPIV3Schema as JsonSchema | undefined; // the declared type is more loose
    const places = path(index);
    if (schema && !common(places.schema)) {
      const own = places.schema.startsWith('spec.versions');
      const status = own ? hasStatus(version) : versions.some(hasStatus);
      causes.push(...rootFaults(schema, { status, path: places.schema }));
    }
    if (!common(places.subresources)) causes.push(...subresourceFaults(version, places.subresources));
    if (!common(places.columns)) causes.push(...columnFaults(version, places.columns));
    if (!common(places.fields)) causes.push(...selectableFieldFaults(version, schema, places.fields));
  }
  // Upstream has the first version's name in a field of its own, too.
  const [first] = versions;
  if (first?.name) causes.push(...joined(dns1035Label, 'spec.version', first.name));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    causes.push(invalidValue('spec.versions', versions, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    causes.push(invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'));
  }
  return causes;
}

interface Places {
  readonly schema: string;
  readonly subresources: string;
  readonly columns: string;
  readonly fields: string;
}

/**
 * Where causes say that a part of a version is: what is the same in all versions is one part of the whole definition, as it was in
 * apiextensions.k8s.io/v1beta1, in which upstream still thinks.
 */
function placesOf(versions: readonly DefinitionVersion[]): (index: number) => Places {
  const same = (part: (version: DefinitionVersion) => unknown): boolean =>
    versions.every((version) => isDeepStrictEqual(part(version), part(versions[0] ?? version)));
  const schemas = same(({ schema }) => schema);
  const subresources = same((version) => version.subresources);
  const columns = same((version) => version.additionalPrinterColumns);
  const fields = same((version) => version.selectableFields);
  return (index) => {
    const own = `spec.versions[${index}]`;
    return {
      schema: schemas ? 'spec.validation.openAPIV3Schema' : `${own}.schema.openAPIV3Schema`,
      subresources: subresources ? 'spec.subresources' : `${own}.subresources`,
      columns: columns ? 'spec.additionalPrinterColumns' : `${own}.additionalPrinterColumns`,
      fields: fields ? 'spec.selectableFields' : `${own}.selectableFields`,
    };
  };
}

function warningFaults({ deprecated, deprecationWarning }: DefinitionVersion, field: string): StatusCause[] {
  if (deprecationWarning === undefined) return [];
  const wrong = (rule: string): StatusCause => invalidValue(field, deprecationWarning, rule);
  if (!deprecated) return [wrong('can only be set for deprecated versions')];
  const causes: StatusCause[] = [];
  if (Buffer.byteLength(deprecationWarning) > 256) causes.push(wrong('must be <= 256 characters long'));
  if (deprecationWarning === '') causes.push(wrong('must not be an empty string'));
  const odd = /[^\P{C}]/u.exec(deprecationWarning);
  if (odd) {
    causes.push(
      wrong(`must only contain printable UTF-8 characters; non-printable character found at index ${odd.index}`),
    );
  }
  return causes;
}

function nameFaults(names: DefinitionNames, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const field of ['plural', 'singular'] as const) {
    const name = names[field];
    if (name) causes.push(...joined(dns1035Label, `${path}.${field}`, name));
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names[field];
    if (!name) continue;
    const rule = (text: string): string[] => dns1035Label(text.toLowerCase());
    causes.push(...joined(rule, `${path}.${field}`, name, 'may have mixed case, but should otherwise match: '));
  }
  for (const [index, name] of (names.shortNames ?? []).entries()) {
    causes.push(...joined(dns1035Label, `${path}.shortNames[${index}]`, name));
  }
  if (names.kind && names.kind === names.listKind) {
    causes.push(invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  }
  for (const [index, name] of (names.categories ?? []).entries()) {
    causes.push(...joined(dns1035Label, `${path}.categories[${index}]`, name));
  }
  return causes;
}

function immutable(definition: Definition, old: Definition): StatusCause[] {
  const causes: StatusCause[] = [];
  const check = (field: string, value: unknown, before: unknown): void => {
    if (value !== before) causes.push(invalidValue(field, value, 'field is immutable'));
  };
  const { spec } = definition;
  if (isTrue(old, 'Established')) {
    check('spec.scope', spec.scope, old.spec.scope);
    check('spec.names.kind', spec.names.kind, old.spec.names.kind);
  }
  check('spec.group', spec.group, old.spec.group);
  check('spec.names.plural', spec.names.plural, old.spec.names.plural);
  return causes;
}

function storedVersionFaults({ spec, status }: Definition): StatusCause[] {
  const field = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalidValue(field, stored, 'must have at least one stored version')];
  const versions = spec.versions ?? []; // null stands for none
  const missing = versions.filter(({ name, storage }) => storage && !stored.includes(name));
  const served = versions.map(({ name }) => name);
  return [
    ...missing.map(({ name }) => invalidValue(field, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) => {
      if (served.includes(name)) return [];
      const rule = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      return [invalidValue(`${field}[${index}]`, name, rule)];
    }),
  ];
}
