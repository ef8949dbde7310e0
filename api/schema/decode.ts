import { Quantity } from '../quantity.ts';
import { goTypeName, goValueName } from './go-names.ts';
import type { Field, ObjectSchema, ScalarSchema, Schema } from './schema.ts';

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What reading a JSON value as a type found. */
export interface Decoded {
  /** A copy with the fields that the type has; what Go does not tell from absent (null, empty lists, plain zeros) is left out. */
  readonly object: Json;
  /** The first value of a wrong type, in the words of Go's decoder. */
  readonly wrong: string | undefined;
  /** Paths of fields that the type does not have: `spec.containers[0].foo`. */
  readonly unknown: readonly string[];
}

/** A place in the value: with indexes for people, and as Go's decoder names it. */
interface Place {
  readonly path: string;
  readonly goPath: string;
  /** The innermost struct. */
  readonly struct: string;
}

/** Reads a parsed JSON object as a type (upstream: sigs.k8s.io/json, whose words these are). Does not change `value`. */
export function decode(value: Json, schema: ObjectSchema): Decoded {
  const decoder = new Decoder();
  const place = { path: '', goPath: '', struct: schema.model };
  const object = decoder.object(value, schema, place);
  return { object, wrong: decoder.wrong, unknown: decoder.unknown };
}

class Decoder {
  wrong: string | undefined;
  readonly unknown: string[] = [];

  object(value: Json, schema: ObjectSchema, place: Place): Json {
    const result: Json = {};
    for (const name of Object.keys(value)) {
      const field = schema.fields.get(name);
      const path = place.path === '' ? name : `${place.path}.${name}`;
      if (!field) {
        this.unknown.push(path);
        continue;
      }
      const given = value[name];
      if (given === null || given === undefined) continue;
      const goPath = place.goPath === '' ? name : `${place.goPath}.${name}`;
      const read = this.#value(given, field.schema, { path, goPath, struct: schema.model });
      if (read !== undefined && !isLeftOut(read, field)) result[name] = read;
    }
    return result;
  }

  /** Undefined where the type is wrong. */
  #value(value: unknown, schema: Schema, place: Place): unknown {
    if (schema.is === 'scalar') return this.#scalar(value, schema, place);
    if (schema.is === 'list') {
      if (!Array.isArray(value)) return this.#mismatch(value, schema, place);
      return value.map((item, index) => {
        const inside = { ...place, path: `${place.path}[${index}]` };
        return item === null ? zeroOf(schema.items) : this.#value(item, schema.items, inside);
      });
    }
    if (!isMap(value)) return this.#mismatch(value, schema, place);
    if (schema.is === 'object') return this.object(value, schema, place);
    const result: Json = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__') continue;
      const inside = { ...place, path: `${place.path}.${key}` };
      result[key] = member === null ? zeroOf(schema.values) : this.#value(member, schema.values, inside);
    }
    return result;
  }

  #scalar(value: unknown, schema: ScalarSchema, place: Place): unknown {
    switch (schema.type) {
      case 'any':
        return value;
      case 'string':
      case 'boolean':
        return typeof value === schema.type ? value : this.#mismatch(value, schema, place);
      case 'double':
        return typeof value === 'number' ? value : this.#mismatch(value, schema, place);
      case 'int32':
      case 'int64':
        return this.#integer(value, schema, place);
      case 'intOrString':
        if (typeof value === 'string') return value;
        if (typeof value === 'number') return this.#integer(value, { is: 'scalar', type: 'int32' }, place);
        return this.#fail(`json: cannot unmarshal ${goValueName(value)} into Go value of type int32`);
      case 'bytes':
        if (typeof value !== 'string') return this.#mismatch(value, schema, place);
        return isBase64(value) ? value : this.#fail('illegal base64 data at input byte 0');
      case 'time':
      case 'microTime':
        return this.#time(value, schema, place);
      case 'quantity':
        return this.#quantity(value);
    }
  }

  #integer(value: unknown, schema: ScalarSchema, place: Place): unknown {
    if (typeof value !== 'number') return this.#mismatch(value, schema, place);
    const limit = schema.type === 'int32' ? 2 ** 31 : 2 ** 63;
    if (Number.isInteger(value) && value < limit && value >= -limit) return value;
    return this.#mismatch(value, schema, place, `number ${value}`);
  }

  #time(value: unknown, schema: ScalarSchema, place: Place): unknown {
    if (typeof value !== 'string') return this.#mismatch(value, { is: 'scalar', type: 'string' }, place);
    const parts = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,](\d+))?(?:Z|[+-]\d\d:\d\d)$/.exec(value);
    const time = parts ? Date.parse(value.replace(',', '.')) : Number.NaN;
    if (Number.isNaN(time)) {
      const layout = schema.type === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
      return this.#fail(`parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)}`);
    }
    const seconds = new Date(time).toISOString().slice(0, 19);
    if (schema.type === 'time') return `${seconds}Z`;
    return `${seconds}.${(parts?.[1] ?? '').padEnd(6, '0').slice(0, 6)}Z`;
  }

  #quantity(value: unknown): unknown {
    const text = typeof value === 'number' ? String(value) : value;
    const parsed = typeof text === 'string' ? Quantity.tryParse(text.trim()) : undefined;
    if (parsed) return parsed.toString();
    return this.#fail("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }

  #mismatch(value: unknown, schema: Schema, place: Place, what = goValueName(value)): undefined {
    const field = `${goTypeName(place.struct)}.${place.goPath}`;
    return this.#fail(`json: cannot unmarshal ${what} into Go struct field ${field} of type ${goTypeOf(schema)}`);
  }

  #fail(message: string): undefined {
    this.wrong ??= message;
    return undefined;
  }
}

function goTypeOf(schema: Schema): string {
  if (schema.is === 'list') return `[]${goTypeOf(schema.items)}`;
  if (schema.is === 'map') return `map[string]${goTypeOf(schema.values)}`;
  if (schema.is === 'object') return `v1.${goTypeName(schema.model)}`;
  const names: Record<string, string> = { boolean: 'bool', double: 'float64', bytes: '[]uint8' };
  return names[schema.type] ?? schema.type;
}

/** Go reads null inside lists and maps as the zero value. */
function zeroOf(schema: Schema): unknown {
  if (schema.is === 'list') return [];
  if (schema.is !== 'scalar') return {};
  if (schema.type === 'string' || schema.type === 'bytes') return '';
  if (schema.type === 'boolean') return false;
  if (schema.type === 'quantity') return '0';
  return schema.type === 'int32' || schema.type === 'int64' || schema.type === 'double' ? 0 : null;
}

/** Whether a value is what Go holds for an absent field. */
export function isLeftOut(value: unknown, field: Field): boolean {
  if (field.schema.is === 'list') return (value as unknown[]).length === 0; // checked against the schema
  if (field.schema.is === 'map') return Object.keys(value as object).length === 0; // likewise
  return field.omitsEmpty && (value === '' || value === 0 || value === false);
}

const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/[\r\n]/g, ''));
