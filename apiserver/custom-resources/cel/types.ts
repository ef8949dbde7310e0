import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '@marcbachmann/cel-js';
import { isMap, itemsOf, type JsonSchema, valuesOf } from '../schema/json-schema.ts';
import { durationOf } from './engine.ts';

/** How values of a schema look to expressions: a type, and what turns a JSON value into one of it. */
export interface CelType {
  readonly name: string;
  convert(value: unknown): unknown;
}

const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A property's name as expressions write it; undefined where they cannot reach it. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  if (keywords.has(name)) return `__${name}__`;
  return name.replace(/__|[.\-/]/g, (part) => escapes[part] ?? part);
}

const asIs = (value: unknown): unknown => value;
const scalar = (name: string, convert: CelType['convert'] = asIs): CelType => ({ name, convert });

const integer = (value: unknown): unknown =>
  typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
const time = (value: unknown): unknown => (typeof value === 'string' ? new Date(value) : value);
const bytes = (value: unknown): unknown =>
  typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : value;

/** What a resource has of metadata that rules may look at. */
export const metadataSchema: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** Makes types of schemas in an environment. */
export class CelTypes {
  readonly #environment: Environment;
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Undefined where expressions cannot look at values of this schema, as it says too little of them. */
  of(schema: JsonSchema, options: { resource?: boolean } = {}): CelType | undefined {
    if (schema['x-kubernetes-int-or-string']) return scalar('dyn', integer);
    switch (schema.type) {
      case 'boolean':
        return scalar('bool');
      case 'integer':
        return scalar('int', integer);
      case 'number':
        return scalar('double');
      case 'string':
        return this.#string(schema);
      case 'array': {
        const items = itemsOf(schema);
        const type = items && this.of(items);
        if (!type) return undefined;
        return scalar(`list<${type.name}>`, (value) => (Array.isArray(value) ? value.map(type.convert) : value));
      }
      case 'object': {
        const resource = options.resource || schema['x-kubernetes-embedded-resource'] || false;
        const values = valuesOf(schema);
        return values && !resource ? this.#map(values) : this.#object(schema, resource);
      }
      default:
        return undefined;
    }
  }

  #string({ format }: JsonSchema): CelType {
    if (format === 'date' || format === 'date-time') return scalar('google.protobuf.Timestamp', time);
    if (format === 'byte') return scalar('bytes', bytes);
    if (format !== 'duration') return scalar('string');
    return scalar('google.protobuf.Duration', (text) => (typeof text === 'string' ? durationOf(text) : text));
  }

  #map(values: JsonSchema): CelType | undefined {
    const type = this.of(values);
    if (!type) return undefined;
    return scalar(`map<string, ${type.name}>`, (value) =>
      isMap(value) ? new Map(Object.entries(value).map(([key, member]) => [key, type.convert(member)])) : value,
    );
  }

  #object(schema: JsonSchema, resource: boolean): CelType {
    const own = schema.properties ?? {};
    const properties: Record<string, JsonSchema> = resource
      ? { ...own, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: metadataSchema }
      : { ...own };
    const members = Object.entries(properties).flatMap(([name, property]) => {
      const escaped = escapeName(name);
      const type = escaped === undefined ? undefined : this.of(property);
      return escaped !== undefined && type ? [{ name, escaped, type }] : [];
    });
    const name = `Object${this.#count++}`;
    const ctor: new () => Record<string, unknown> = class {
      readonly [field: string]: unknown;
    };
    const fields = Object.fromEntries(members.map(({ escaped, type }) => [escaped, type.name]));
    this.#environment
      .registerType(name, { ctor, fields: Object.assign(Object.create(null), fields) })
      .registerOperator(`${name} == ${name}`, (a: object, b: object) => isDeepStrictEqual(a, b))
      .registerOperator(`${name} == null`, () => false);
    return scalar(name, (value) => {
      if (!isMap(value)) return value;
      const object = new ctor();
      for (const { name, escaped, type } of members) {
        const member = value[name];
        if (member !== undefined && member !== null) object[escaped] = type.convert(member);
      }
      return object;
    });
  }
}
