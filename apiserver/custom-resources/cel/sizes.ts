import { itemsOf, type JsonSchema, valuesOf } from '../schema/json-schema.ts';

/** No object is longer than a request. */
const requestBytes = 3 * 1024 * 1024;
/** The bytes that upstream takes the texts of times and durations to have. */
const timeTexts: Readonly<Record<string, { min: number; max: number }>> = {
  date: { min: 12, max: 12 },
  'date-time': { min: 21, max: 37 },
  duration: { min: 3, max: 32 },
};

/** The bytes that a value of a schema takes at least, as JSON (upstream: DeclType.MinSerializedSize). */
export function minSize(schema: JsonSchema | undefined): number {
  switch (schema?.type) {
    case 'boolean':
      return 4;
    case 'string':
      return timeTexts[schema.format ?? '']?.min ?? 2;
    case 'array':
      return 2;
    case 'object': {
      const members = (schema.required ?? []).map((name) => {
        const member = schema.properties?.[name];
        // The server fills in defaults, which no request pays for.
        return member && member.default === undefined ? name.length + 4 + minSize(member) : 0;
      });
      return members.reduce((sum, size) => sum + size, 2);
    }
    default:
      return 1;
  }
}

/** How many entries a list or map may have at most. */
function entries(schema: JsonSchema): number {
  if (schema.type === 'array') {
    return schema.maxItems ?? Math.floor((requestBytes - 2) / (minSize(itemsOf(schema)) + 1));
  }
  return schema.maxProperties ?? Math.floor((requestBytes - 2) / (minSize(valuesOf(schema)) + 6));
}

function textSize({ format, maxLength, enum: values, ...schema }: JsonSchema): number {
  if (schema['x-kubernetes-int-or-string']) return requestBytes - 2;
  const time = timeTexts[format ?? ''];
  if (time) return time.max;
  // A character takes four bytes at most.
  if (maxLength !== undefined) return format === 'byte' ? maxLength : maxLength * 4;
  if (!values?.length) return requestBytes - 2;
  return Math.max(...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}

/** The bytes of a text, or the entries of a list or map, at most; 0 of what has neither (upstream: DeclType.MaxElements). */
export function maxSize(schema: JsonSchema): number {
  if (schema.type === 'string' || schema['x-kubernetes-int-or-string']) return textSize(schema);
  return schema.type === 'array' || valuesOf(schema) ? entries(schema) : 0;
}

/** How often a schema may occur in an object where nothing bounds that. */
export const occurrences = (schema: JsonSchema): number => Math.floor(requestBytes / (minSize(schema) + 1));

/** By how much a schema multiplies what is in it; undefined where nothing bounds that. */
export function multiplicity(schema: JsonSchema): number | undefined {
  if (schema.type === 'array') return schema.maxItems;
  return schema.type === 'object' && valuesOf(schema) ? schema.maxProperties : 1;
}
