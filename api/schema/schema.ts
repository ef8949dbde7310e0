import { isNullStruct, omitsEmptyText, omitsZero, writesAlways } from './go-types.ts';
import { isAtomicModel, type MergeRule, mergeRule } from './merge-rules.ts';
import { loadStructure } from './structure.ts';

/** Types of values that have no parts. `any` is whatever JSON can hold. */
export const scalarTypes = [
  'string',
  'boolean',
  'int32',
  'int64',
  'double',
  'time',
  'microTime',
  'bytes',
  'quantity',
  'intOrString',
  'any',
] as const;
export type ScalarType = (typeof scalarTypes)[number];

export type Schema = ScalarSchema | ListSchema | MapSchema | ObjectSchema;

export interface ScalarSchema {
  readonly is: 'scalar';
  readonly type: ScalarType;
}
export interface ListSchema {
  readonly is: 'list';
  readonly items: Schema;
}
/** A map from strings. */
export interface MapSchema {
  readonly is: 'map';
  readonly values: Schema;
}
export interface ObjectSchema {
  readonly is: 'object';
  /** The name in @kubernetes/client-node: `V1PodSpec`. */
  readonly model: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Server-side apply gives it to one owner as a whole. */
  readonly atomic: boolean;
}

/** A field of an object. */
export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly merge: MergeRule;
  /** Left out where it is zero, false or an empty text, as Go's `omitempty` does. */
  readonly omitsEmpty: boolean;
  /** What is written where the field is absent: a zero value, `null`, or for `struct` an object; nothing if undefined. */
  readonly absent: { readonly value: '' | '0' | 0 | false | null | 'struct' } | undefined;
}

const scalarNames: ReadonlySet<string> = new Set(scalarTypes);
const scalars = new Map<string, ScalarSchema>();
const models = new Map<string, ObjectSchema>();

function parseType(type: string): Schema {
  if (type.startsWith('[]')) return { is: 'list', items: parseType(type.slice(2)) };
  if (type.startsWith('{}')) return { is: 'map', values: parseType(type.slice(2)) };
  if (!scalarNames.has(type)) return schemaFor(type);
  let scalar = scalars.get(type);
  if (!scalar) {
    scalar = { is: 'scalar', type: type as ScalarType }; // checked above
    scalars.set(type, scalar);
  }
  return scalar;
}

/** A field whose schema is worked out when it is first needed: most of the schema never is. */
class LazyField implements Field {
  readonly name: string;
  readonly required: boolean;
  readonly #model: string;
  readonly #type: string;
  #schema: Schema | undefined;
  #merge: MergeRule | undefined;
  #absent: Field['absent'] | 'unknown' = 'unknown';
  #omitsEmpty: boolean | undefined;

  constructor(model: string, name: string, type: string) {
    this.name = name;
    this.required = type.endsWith('!');
    this.#model = model;
    this.#type = this.required ? type.slice(0, -1) : type;
  }

  get schema(): Schema {
    this.#schema ??= parseType(this.#type);
    return this.#schema;
  }

  get merge(): MergeRule {
    this.#merge ??= mergeRule(this.#model, this.name);
    return this.#merge;
  }

  get omitsEmpty(): boolean {
    this.#omitsEmpty ??= this.#findOmitsEmpty();
    return this.#omitsEmpty;
  }

  get absent(): Field['absent'] {
    if (this.#absent === 'unknown') this.#absent = this.#findAbsent();
    return this.#absent;
  }

  #findOmitsEmpty(): boolean {
    if (this.required || writesAlways(this.#model, this.name)) return false;
    const { schema } = this;
    if (schema.is !== 'scalar') return schema.is !== 'object';
    if (schema.type === 'string' || schema.type === 'bytes') return omitsEmptyText(this.#model, this.name);
    return omitsZero(this.#model, this.name);
  }

  #findAbsent(): Field['absent'] {
    if (!this.required && !writesAlways(this.#model, this.name)) return undefined;
    const { schema } = this;
    if (schema.is === 'object') return { value: isNullStruct(this.#model, this.name) ? null : 'struct' };
    if (schema.is !== 'scalar') return { value: null };
    if (schema.type === 'boolean') return { value: false };
    if (schema.type === 'string' || schema.type === 'bytes') return { value: '' };
    if (schema.type === 'quantity') return { value: '0' };
    return { value: schema.type === 'int32' || schema.type === 'int64' || schema.type === 'double' ? 0 : null };
  }
}

/** The schema of a model, as `V1Pod`. Throws where there is none: models come from the kinds table, not from requests. */
export function schemaFor(model: string): ObjectSchema {
  const known = models.get(model);
  if (known) return known;
  const structure = loadStructure()[model];
  if (!structure) throw new Error(`no schema of model "${model}"`);
  const fields = new Map<string, Field>();
  for (const [name, type] of Object.entries(structure)) fields.set(name, new LazyField(model, name, type));
  const schema: ObjectSchema = { is: 'object', model, fields, atomic: isAtomicModel(model) };
  models.set(model, schema);
  return schema;
}
