import { fieldNumbers } from './protobuf-fields.ts';
import { bytesOf, integerOf, MalformedProtobuf, toInteger, toText, wireFields } from './protobuf-reader.ts';
import type { ObjectSchema, ScalarType, Schema } from './schema.ts';

type Json = Record<string, unknown>;

/** What the fields of a message are, by number: a field of the model, or a struct that is embedded in it. */
interface Layout {
  readonly fields: ReadonlyMap<number, { readonly name: string; readonly schema: Schema }>;
  readonly embedded: ReadonlyMap<number, Layout>;
}

const layouts = new Map<string, Layout>();

/**
 * Reads a message in Kubernetes' protobuf encoding (proto2) as the JSON object that it stands for. Fields that are not known are left
 * out, as protobuf wants it. Throws {@link MalformedProtobuf}.
 */
export function fromProtobuf(bytes: Uint8Array, schema: ObjectSchema): Json {
  const result: Json = {};
  readInto(result, bytes, layoutOf(schema));
  return result;
}

function layoutOf(schema: ObjectSchema): Layout {
  let layout = layouts.get(schema.model);
  if (!layout) {
    const fields = new Map<number, { name: string; schema: Schema }>();
    const embedded = new Map<
      number,
      { fields: Map<number, { name: string; schema: Schema }>; embedded: Map<number, Layout> }
    >();
    for (const [name, [number = 0, inner]] of fieldNumbers(schema.model) ?? []) {
      const field = schema.fields.get(name);
      if (!field) continue;
      const entry = { name, schema: field.schema };
      if (inner === undefined) fields.set(number, entry);
      else {
        const inside = embedded.get(number) ?? { fields: new Map(), embedded: new Map() };
        inside.fields.set(inner, entry);
        embedded.set(number, inside);
      }
    }
    layout = { fields, embedded };
    layouts.set(schema.model, layout);
  }
  return layout;
}

function readInto(result: Json, bytes: Uint8Array, layout: Layout): void {
  for (const { number, value } of wireFields(bytes)) {
    const field = layout.fields.get(number);
    const inside = layout.embedded.get(number);
    if (field) result[field.name] = readField(result[field.name], value, field.schema);
    else if (inside && typeof value !== 'bigint') readInto(result, value, inside);
  }
}

/** Adds a value to what a field has: lists and maps come entry by entry. */
function readField(before: unknown, value: bigint | Uint8Array, schema: Schema): unknown {
  if (schema.is === 'list') {
    const list = Array.isArray(before) ? before : [];
    list.push(...readItems(value, schema.items));
    return list;
  }
  if (schema.is === 'map') {
    const map = (before ?? {}) as Json; // what this function has returned before
    const key = toText(bytesOf(asBytes(value), 1));
    if (key !== '__proto__') map[key] = readEntry(asBytes(value), schema.values);
    return map;
  }
  if (schema.is === 'object') return fromProtobuf(asBytes(value), schema);
  return readScalar(value, schema.type);
}

/** Numbers may come packed, many in one field. */
function readItems(value: bigint | Uint8Array, items: Schema): unknown[] {
  const numbers = items.is === 'scalar' && (items.type === 'int32' || items.type === 'int64');
  if (!numbers || typeof value === 'bigint') return [readField(undefined, value, items)];
  // As the numbers of fields that are all the same one.
  const unpacked: number[] = [];
  let [shift, current] = [0n, 0n];
  for (const byte of value) {
    current |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    unpacked.push(toInteger(current));
    [shift, current] = [0n, 0n];
  }
  return unpacked;
}

/** The value of a map's entry; a list is wrapped into a message of its own. */
function readEntry(entry: Uint8Array, schema: Schema): unknown {
  if (schema.is === 'list') {
    const items: unknown[] = [];
    for (const { number, value } of wireFields(bytesOf(entry, 2)))
      if (number === 1) items.push(readField(undefined, value, schema.items));
    return items;
  }
  for (const { number, value } of wireFields(entry)) if (number === 2) return readField(undefined, value, schema);
  return readField(undefined, new Uint8Array(), schema);
}

function readScalar(value: bigint | Uint8Array, type: ScalarType): unknown {
  switch (type) {
    case 'string':
      return toText(asBytes(value));
    case 'boolean':
      return asInteger(value) !== 0;
    case 'int32':
    case 'int64':
      return asInteger(value);
    case 'double':
      return Buffer.from(asBytes(value)).readDoubleLE(0);
    case 'bytes':
      return Buffer.from(asBytes(value)).toString('base64');
    case 'time':
    case 'microTime':
      return readTime(asBytes(value), type);
    case 'quantity':
      return toText(bytesOf(asBytes(value), 1));
    case 'intOrString': {
      const bytes = asBytes(value);
      return integerOf(bytes, 1) === 0 ? integerOf(bytes, 2) : toText(bytesOf(bytes, 3));
    }
    case 'any':
      return readRaw(bytesOf(asBytes(value), 1));
  }
}

/** A time that was never set has no bytes. */
function readTime(bytes: Uint8Array, type: 'time' | 'microTime'): string | null {
  if (bytes.length === 0) return null;
  const [seconds, nanos] = [integerOf(bytes, 1), integerOf(bytes, 2)];
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new MalformedProtobuf('a time is out of range');
  const text = date.toISOString().slice(0, 19);
  return type === 'time' ? `${text}Z` : `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

/** What has no type of its own comes as JSON. */
function readRaw(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  try {
    return JSON.parse(toText(bytes));
  } catch {
    throw new MalformedProtobuf('raw data are no JSON');
  }
}

function asBytes(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new MalformedProtobuf('a number stands for something else');
  return value;
}

function asInteger(value: bigint | Uint8Array): number {
  if (typeof value !== 'bigint') throw new MalformedProtobuf('something else stands for a number');
  return toInteger(value);
}
