import { kinds, views } from '@skiff/api/kinds';
import { goTypeName } from '@skiff/api/schema/go-names';
import { type ObjectSchema, type Schema, schemaFor } from '@skiff/api/schema/schema';

/** Names of upstream's OpenAPI document for values that are no objects of their own here. */
export const timeName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
export const microTimeName = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
export const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const metaModels = [
  'V1ObjectMeta',
  'V1ListMeta',
  'V1LabelSelector',
  'V1Condition',
  'V1FieldSelectorRequirement',
  'V1DeleteOptions',
  'V1Status',
  'V1WatchEvent',
  'V1APIResourceList',
  'V1APIGroup',
  'V1APIGroupList',
  'V1APIVersions',
];

/** What subresources send and answer, by the package that it is in. */
const otherModels: Readonly<Record<string, string>> = {
  V1Scale: 'autoscaling.v1',
  V1Eviction: 'policy.v1',
  V1Binding: 'core.v1',
  AuthenticationV1TokenRequest: 'authentication.v1',
  V1TokenReview: 'authentication.v1',
  V1SelfSubjectReview: 'authentication.v1',
  V1SubjectAccessReview: 'authorization.v1',
  V1SelfSubjectAccessReview: 'authorization.v1',
  V1LocalSubjectAccessReview: 'authorization.v1',
  V1SelfSubjectRulesReview: 'authorization.v1',
};

let names: Map<string, string> | undefined;

/** The object types that a type names in its fields. */
export function* referred(schema: ObjectSchema): Generator<ObjectSchema> {
  for (const field of schema.fields.values()) {
    let inner: Schema = field.schema;
    while (inner.is === 'list' || inner.is === 'map') inner = inner.is === 'list' ? inner.items : inner.values;
    if (inner.is === 'object') yield inner;
  }
}

/** `io.k8s.api.apps.v1`: the last part of a group stands for it, as rbac and coordination. */
const packageOf = (group: string, version: string): string =>
  group === 'apiextensions.k8s.io'
    ? `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}`
    : `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}`;

/**
 * Each model's name upstream: `V1PodSpec` is `io.k8s.api.core.v1.PodSpec`. A type belongs to the first package that uses it: meta,
 * then core (which uses no other group's), then the other groups.
 */
function allNames(): Map<string, string> {
  const found = new Map<string, string>();
  const claim = (model: string, into: string): void => {
    if (found.has(model)) return;
    found.set(model, `${into}.${goTypeName(model)}`);
    for (const { model: used } of referred(schemaFor(model))) claim(used, into);
  };
  for (const model of metaModels) claim(model, 'io.k8s.apimachinery.pkg.apis.meta.v1');
  for (const kind of [...kinds, ...views].toSorted((a, b) => Number(a.group !== '') - Number(b.group !== ''))) {
    claim(kind.model, packageOf(kind.group, kind.version));
    claim(`${kind.model}List`, packageOf(kind.group, kind.version));
  }
  for (const [model, name] of Object.entries(otherModels)) claim(model, `io.k8s.api.${name}`);
  found.set('VersionInfo', 'io.k8s.apimachinery.pkg.version.Info');
  return found;
}

export function nameOf(model: string): string {
  names ??= allNames();
  return names.get(model) ?? model;
}
