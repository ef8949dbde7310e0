import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '@skiff/api/kinds';
import { bytesOf, toText, wireFields } from '@skiff/api/schema/protobuf-reader';
import { schemaFor } from '@skiff/api/schema/schema';
import { documented, documentV2, documentV3 } from './documents.ts';
import { enumFields } from './enums.ts';
import { markedFields } from './marks.ts';
import { nameOf } from './names.ts';
import { groupTitle } from './operation.ts';
import { protobufV2 } from './protobuf-v2.ts';

/** Every `$ref` in a document. */
function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') yield member;
    else yield* references(member);
  }
}

function find(document: object, reference: string): unknown {
  let at: unknown = document;
  for (const part of reference.slice(2).split('/')) at = (at as Record<string, unknown> | undefined)?.[part];
  return at;
}

/** Types of whose fields Kubernetes itself says little. */
const silent = /\.(?:JSONSchemaProps|ExternalDocumentation|WatchEvent)\./;

const served = { kinds, at: () => undefined };
const documents = {
  'OpenAPI 2.0': [documentV2(served)],
  'OpenAPI 3.0': documented(served).map((group) => documentV3(group, served)),
};
for (const [what, list] of Object.entries(documents)) {
  test(`every reference of ${what} leads somewhere`, () => {
    for (const document of list) {
      for (const reference of new Set(references(document))) assert.ok(find(document, reference), reference);
    }
  });
}

test('schemas are called as upstream', () => {
  const names = ['V1Pod', 'V1ObjectMeta', 'V1Deployment', 'V1EndpointSlice', 'RbacV1Subject', 'CoreV1Event', 'V1Scale'];
  assert.deepEqual(names.map(nameOf), [
    'io.k8s.api.core.v1.Pod',
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    'io.k8s.api.apps.v1.Deployment',
    'io.k8s.api.discovery.v1.EndpointSlice',
    'io.k8s.api.rbac.v1.Subject',
    'io.k8s.api.core.v1.Event',
    'io.k8s.api.autoscaling.v1.Scale',
  ]);
});

test('every kind can be found by its group, version and kind', () => {
  for (const kind of kinds) {
    const group = documented(served).find((candidate) => candidate.group === kind.group);
    const document = group && documentV3(group, served);
    const schema = find(document ?? {}, `#/components/schemas/${nameOf(kind.model)}`);
    const { group: name, version, kind: kindName } = kind;
    const gvk = (schema as Record<string, unknown>)['x-kubernetes-group-version-kind'];
    assert.deepEqual(gvk, [{ group: name, kind: kindName, version }]);
  }
});

test('lists say how they merge', () => {
  const core = documented(served).find(({ group }) => group === '');
  const spec = find(
    core ? documentV3(core, served) : {},
    '#/components/schemas/io.k8s.api.core.v1.PodSpec/properties/volumes',
  );
  const { type, items, ...rest } = spec as Record<string, unknown>;
  const { description: _description, ...extensions } = rest;
  assert.equal(type, 'array');
  assert.ok(items);
  assert.deepEqual(extensions, {
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge,retainKeys',
  });
});

test('operations are called as upstream, for every kind', async () => {
  const apis: Record<string, unknown> = await import('@kubernetes/client-node');
  for (const group of documented(served)) {
    const prefix = `${groupTitle(group.group)}${group.version.charAt(0).toUpperCase()}${group.version.slice(1)}`;
    const api = apis[`${prefix}Api`] as { prototype: object };
    const { paths } = documentV3(group, served) as { paths: Record<string, Record<string, { operationId?: string }>> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const { operationId } of Object.values(operations)) {
        if (!operationId) continue;
        // The client has no methods for the old way to watch.
        if (path.includes('/watch/')) continue;
        // The client's methods leave the group and version out: createAppsV1NamespacedDeployment.
        const method = operationId.replace(prefix, '');
        assert.ok(method in api.prototype, `${path}: ${operationId}`);
      }
    }
  }
});

test('references with words beside them are wrapped, and defaults are those of Go', () => {
  const group = documented(served).find((candidate) => candidate.group === 'policy');
  const document = group ? documentV3(group, served) : {};
  const property = (path: string): unknown => {
    const { description: _text, ...rest } = find(document, `#/components/schemas/io.k8s.api.policy.v1.${path}`) as {
      description?: string;
    };
    return rest;
  };
  const schema = (name: string): string => `#/components/schemas/io.k8s.apimachinery.pkg.${name}`;
  const meta = 'apis.meta.v1';
  assert.deepEqual(property('PodDisruptionBudget/properties/metadata'), {
    allOf: [{ $ref: schema(`${meta}.ObjectMeta`) }],
    default: {},
  });
  assert.deepEqual(property('PodDisruptionBudgetSpec/properties/selector'), {
    allOf: [{ $ref: schema(`${meta}.LabelSelector`) }],
    'x-kubernetes-patch-strategy': 'replace',
  });
  assert.deepEqual(property('PodDisruptionBudgetStatus/properties/disruptedPods'), {
    additionalProperties: { $ref: schema(`${meta}.Time`) },
    type: 'object',
  });
  assert.deepEqual(property('PodDisruptionBudgetStatus/properties/currentHealthy'), {
    default: 0,
    format: 'int32',
    type: 'integer',
  });
  assert.deepEqual(property('PodDisruptionBudgetStatus/properties/conditions'), {
    items: { $ref: schema(`${meta}.Condition`) },
    type: 'array',
    'x-kubernetes-list-map-keys': ['type'],
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'type',
    'x-kubernetes-patch-strategy': 'merge',
  });
});

test('every field of every kind has a description', () => {
  const undescribed = (schemas: Record<string, { properties?: Record<string, { description?: string }> }>): string[] =>
    Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, { description }]) => !description)
        .map(([field]) => `${name}.${field}`),
    );
  for (const group of documented(served)) {
    const { components } = documentV3(group, served) as { components: { schemas: Parameters<typeof undescribed>[0] } };
    assert.deepEqual(
      undescribed(components.schemas).filter((field) => !silent.test(field)),
      [],
      group.group,
    );
  }
});

const core = documented(served).find(({ group }) => group === '');
const coreDocument = core ? documentV3(core, served) : {};

/** Without the texts. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, text]) => name !== 'description' || typeof text !== 'string');
  return Object.fromEntries(kept.map(([name, member]) => [name, bare(member)]));
}

test('texts say which values they have, fields which default they are given', () => {
  const spec = bare(find(coreDocument, '#/components/schemas/io.k8s.api.core.v1.ServiceSpec/properties'));
  const { type, ipFamilies, selector } = spec as Record<string, unknown>;
  assert.deepEqual(type, { type: 'string', enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] });
  assert.deepEqual(ipFamilies, {
    type: 'array',
    items: { type: 'string', enum: ['', 'IPv4', 'IPv6'] },
    'x-kubernetes-list-type': 'atomic',
  });
  assert.deepEqual(selector, {
    type: 'object',
    additionalProperties: { type: 'string' },
    'x-kubernetes-map-type': 'atomic',
  });
  const port = find(coreDocument, '#/components/schemas/io.k8s.api.core.v1.ServicePort/properties/protocol');
  assert.deepEqual(bare(port), { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] });
  const signal = find(coreDocument, '#/components/schemas/io.k8s.api.core.v1.Lifecycle/properties/stopSignal');
  const signals = (signal as { enum: string[] }).enum;
  assert.deepEqual([signals.length, signals[0], signals.at(-1)], [65, 'SIGABRT', 'SIGXFSZ']);
});

test('every field of which more is said than its type is one of a model', () => {
  for (const place of [...enumFields, ...markedFields]) {
    const [model = '', field = ''] = place.split('.');
    assert.ok(schemaFor(model).fields.has(field), place);
  }
});

test('fields that hold any JSON are of the types that upstream names', () => {
  const entry = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry/properties/fieldsV1';
  const fields = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1';
  assert.deepEqual(bare(find(coreDocument, entry)), { allOf: [{ $ref: fields }] });
  assert.deepEqual(bare(find(coreDocument, fields)), { type: 'object' });
});

test('what all operations of a path have in common is said once, in order', () => {
  const { paths } = coreDocument as { paths: Record<string, Record<string, { parameters?: { name: string }[] }>> };
  const names = (path: string, method?: string): string[] | undefined => {
    const item = paths[path] as unknown as { parameters?: { name: string }[] };
    return (method ? paths[path]?.[method] : item)?.parameters?.map(({ name }) => name);
  };
  const list = 'allowWatchBookmarks continue fieldSelector labelSelector limit pretty resourceVersion';
  const more = 'resourceVersionMatch sendInitialEvents shardSelector timeoutSeconds watch';
  assert.equal(names('/api/v1/pods')?.join(' '), `${list} ${more}`);
  assert.equal(names('/api/v1/pods', 'get'), undefined);
  const one = '/api/v1/namespaces/{namespace}/pods/{name}';
  assert.deepEqual(names(one), ['name', 'namespace', 'pretty']);
  assert.deepEqual(names(one, 'put'), ['dryRun', 'fieldManager', 'fieldValidation']);
  assert.deepEqual(names(`${one}/exec`), 'command container name namespace stderr stdin stdout tty'.split(' '));
  assert.deepEqual(names('/api/v1/watch/namespaces/{namespace}/pods/{name}')?.slice(5, 7), ['name', 'namespace']);
});

test('OpenAPI 2.0 says the same in protobuf', () => {
  const document = documentV2(served) as { paths: object; definitions: Record<string, { properties?: object }> };
  const bytes = protobufV2(document);
  const entries = (list: Uint8Array, number: number): [string, Uint8Array][] =>
    [...wireFields(list)].flatMap((field): [string, Uint8Array][] =>
      field.number === number && typeof field.value !== 'bigint'
        ? [[toText(bytesOf(field.value, 1)), bytesOf(field.value, 2)]]
        : [],
    );
  assert.deepEqual(
    entries(bytesOf(bytes, 8), 2).map(([path]) => path),
    Object.keys(document.paths),
  );
  const definitions = entries(bytesOf(bytes, 9), 1);
  assert.deepEqual(
    definitions.map(([name]) => name),
    Object.keys(document.definitions),
  );
  for (const [name, schema] of definitions)
    assert.deepEqual(
      entries(bytesOf(schema, 25), 1).map(([property]) => property),
      Object.keys(document.definitions[name]?.properties ?? {}),
    );
  const [, pod = new Uint8Array()] = definitions.find(([name]) => name === 'io.k8s.api.core.v1.Pod') ?? [];
  const [extension, value = new Uint8Array()] = entries(pod, 31)[0] ?? [];
  assert.equal(extension, 'x-kubernetes-group-version-kind');
  assert.equal(toText(bytesOf(value, 2)), '[{"group":"","kind":"Pod","version":"v1"}]');
});
