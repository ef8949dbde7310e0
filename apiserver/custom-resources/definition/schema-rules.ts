import { forbiddenField, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { multiplicity } from '../cel/sizes.ts';
import { childrenOf, type JsonSchema, junctorsOf } from '../schema/json-schema.ts';
import { celFaults, type RuleCost, ruleFormFaults, totalFaults } from './cel-rules.ts';
import { listFaults } from './list-rules.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields = new Set(['metadata', 'kind', 'apiVersion']);

/** What holds for a schema because of where it is. */
interface Place {
  readonly path: string;
  readonly root: boolean;
  /** Why no default may be set here. */
  readonly noDefaults: string | undefined;
  /** Inside of apiVersion, kind or metadata of a resource. */
  readonly inMeta: boolean;
  /** The schema above whose values cannot be told apart, so that rules cannot know what one was before. */
  readonly uncorrelatable: string | undefined;
  /** Whether rules are compiled here. */
  readonly rules: boolean;
  /** How often the schema may occur in one object; undefined where nothing bounds that. */
  readonly times: number | undefined;
}

/** The rules of schemas in definitions, but for structure (upstream: ValidateCustomResourceDefinitionOpenAPISchema). */
export function schemaFaults(schema: JsonSchema, path: string, options: { rules: boolean }): StatusCause[] {
  const place = {
    path,
    root: true,
    noDefaults: undefined,
    inMeta: false,
    uncorrelatable: undefined,
    times: 1,
    ...options,
  };
  const faults = walk(schema, place);
  return [...faults.schema, ...faults.rules, ...totalFaults(faults.costs, path)];
}

const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

function standard(schema: JsonSchema, { path, noDefaults, inMeta }: Place): StatusCause[] {
  const causes: StatusCause[] = [];
  const { type } = schema;
  if (type && !types.includes(type)) causes.push(notSupported(`${path}.type`, type, types));
  if (schema.default !== undefined && noDefaults) {
    causes.push(forbiddenField(`${path}.default`, `must not be set ${noDefaults}`));
  }
  for (const name of unsupported) {
    if (schema[name] !== undefined) causes.push(forbiddenField(`${path}.${name}`, `${name} is not supported`));
  }
  if (type === 'null') {
    causes.push(forbiddenField(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items)) {
    causes.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (inMeta && schema['x-kubernetes-embedded-resource']) {
    causes.push(forbiddenField(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
  if (schema.uniqueItems) {
    const rule = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    causes.push(forbiddenField(`${path}.uniqueItems`, rule));
  }
  const { additionalProperties, properties } = schema;
  if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties ?? {}).length) {
    const rule = 'additionalProperties and properties are mutual exclusive';
    causes.push(forbiddenField(`${path}.additionalProperties`, rule));
  }
  return causes;
}

function inside(at: string, schema: JsonSchema, place: Place): Place {
  const path = `${place.path}.${at}`;
  const many = multiplicity(schema);
  const times = place.times === undefined || many === undefined ? undefined : place.times * many;
  const below = { ...place, path, root: false, times };
  if (at === 'items') {
    const told = schema['x-kubernetes-list-type'] === 'map';
    const uncorrelatable = place.uncorrelatable ?? (told ? undefined : place.path);
    return { ...below, uncorrelatable };
  }
  if (at === 'additionalProperties') {
    const reason = 'inside additionalProperties applying to object metadata';
    return place.inMeta ? { ...below, noDefaults: reason } : below;
  }
  const name = /^properties\[(.*)\]$/s.exec(at)?.[1] ?? '';
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  const uncorrelatable = place.uncorrelatable ?? (atomic ? place.path : undefined);
  if (!(place.root || schema['x-kubernetes-embedded-resource']) || !metaFields.has(name))
    return { ...below, uncorrelatable };
  const noDefaults = place.root ? `in top-level ${name}` : place.noDefaults;
  return { ...below, uncorrelatable, inMeta: true, noDefaults };
}

/** The faults of schemas, and of the rules in them, which are compiled where the schemas from there on are right. */
interface Faults {
  readonly schema: StatusCause[];
  readonly rules: StatusCause[];
  readonly costs: RuleCost[];
}

function walk(schema: JsonSchema, place: Place): Faults {
  const { path } = place;
  const faults: Faults = { schema: standard(schema, place), rules: [], costs: [] };
  const add = (found: Faults): void => {
    faults.schema.push(...found.schema);
    faults.rules.push(...found.rules);
    faults.costs.push(...found.costs);
  };
  for (const [at, inner] of childrenOf(schema)) add(walk(inner, inside(at, schema, place)));
  for (const [at, inner] of junctorsOf(schema)) {
    add(walk(inner, { ...place, path: `${path}.${at}`, root: false, rules: false }));
  }
  faults.schema.push(...extensionFaults(schema, path), ...listFaults(schema, path), ...ruleFormFaults(schema, path));
  // A schema that is wrong in itself gives its rules no types to go by.
  if (place.rules && faults.schema.length === 0) {
    const own = celFaults(schema, place);
    faults.rules.push(...own.faults);
    faults.costs.push(...own.costs);
  }
  return faults;
}

function extensionFaults(schema: JsonSchema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  if (preserve === false) {
    causes.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, preserve, 'must be true or undefined'));
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined && schema.type !== 'object') {
    const rule = 'must be object if x-kubernetes-map-type is specified';
    causes.push(schema.type ? invalidValue(`${path}.type`, schema.type, rule) : required(`${path}.type`, rule));
  }
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    causes.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  }
  return causes;
}
