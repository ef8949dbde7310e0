import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiVersionOf, collectionPath, kinds } from '@skiff/api/kinds';
import { type Schema, schemaFor } from '@skiff/api/schema/schema';
import { TestServer } from './testing.ts';
import { least, names } from './testing-objects.ts';

/** So far into an object; below, schemas of schemas and the like have no end. */
const maxDepth = 9;
/** Looked into with Pods, and not again with all that makes Pods. */
const elsewhere = new Set(['V1PodTemplateSpec', 'V1ObjectMeta']);

/** The least that there can be at a place: a list has one entry, which says nothing. */
function emptiest(schema: Schema): unknown {
  switch (schema.is) {
    case 'object':
      return {};
    case 'list':
      return [emptiest(schema.items)];
    case 'map':
      return { '': emptiest(schema.values) };
    case 'scalar':
      if (schema.type === 'string' || schema.type === 'bytes') return '';
      if (schema.type === 'boolean') return false;
      if (schema.type === 'quantity') return '0';
      if (schema.type === 'time') return '2026-01-01T00:00:00Z';
      return schema.type === 'microTime' ? '2026-01-01T00:00:00.000000Z' : schema.type === 'any' ? {} : 0;
  }
}

/** Values of a schema that say only one thing each, as deep down as can be. */
function* sparse(schema: Schema, above: readonly string[]): Generator<unknown> {
  yield emptiest(schema);
  yield null;
  if (above.length > maxDepth) return;
  if (schema.is === 'list') for (const item of sparse(schema.items, above)) yield [item];
  else if (schema.is === 'map') for (const value of sparse(schema.values, above)) yield { a: value };
  if (schema.is !== 'object' || above.includes(schema.model) || elsewhere.has(schema.model)) return;
  for (const field of schema.fields.values()) {
    for (const value of sparse(field.schema, [...above, schema.model])) yield { [field.name]: value };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a sparse value says in place of what a good object says there. */
function over(good: unknown, value: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(good)) return [over(good[0], value[0])];
  if (!isObject(good) || !isObject(value) || Object.keys(value).length === 0) return value;
  const merged = { ...good };
  for (const [name, inner] of Object.entries(value)) merged[name] = over(good[name], inner);
  return merged;
}

const merge = { 'content-type': 'application/merge-patch+json' };

let api: TestServer;
before(async () => {
  api = await TestServer.start();
  await api.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

describe('an object that says hardly anything is answered, be it with what it lacks', () => {
  for (const kind of kinds) {
    const good = least[kind.kind];
    if (!good || !kind.verbs.includes('create')) continue;
    it(`${kind.kind} of ${apiVersionOf(kind)}`, async () => {
      const { fields } = schemaFor(kind.model);
      const named = names[kind.kind] ?? 'x';
      await api.send('POST', collectionPath(kind, 'default'), { metadata: { name: named }, ...good });
      const path = `${collectionPath(kind, 'default')}?dryRun=All`;
      const failed = new Set<string>();
      for (const [name, { schema }] of fields) {
        if (name === 'apiVersion' || name === 'kind' || name === 'metadata') continue;
        for (const value of sparse(schema, [])) {
          for (const fill of [over(good[name as keyof typeof good], value), value]) {
            const object = { metadata: { name: named }, ...good, [name]: fill };
            const { code } = await api.send('POST', path, object);
            if (code === 500) failed.add(JSON.stringify(object));
          }
          const part = name === 'status' ? '/status' : '';
          const patched = `${collectionPath(kind, 'default')}/${named}${part}?dryRun=All`;
          const { code } = await api.send('PATCH', patched, { [name]: value }, merge);
          if (code === 500) failed.add(`a patch of ${JSON.stringify({ [name]: value })}`);
        }
      }
      assert.deepEqual([...failed], []);
    });
  }
});
