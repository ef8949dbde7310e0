import type { ASTNode } from '@marcbachmann/cel-js';
import { itemsOf, type JsonSchema, valuesOf } from '../schema/json-schema.ts';
import { escapeName } from './types.ts';

/** The cost that kube-apiserver allows an expression; each turn of a loop costs one at least. */
const costLimit = 10_000_000;
/** No list of a request is longer than the request. */
const requestBytes = 3 * 1024 * 1024;

const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The bytes that a value takes at least, as JSON. */
function minSize(schema: JsonSchema | undefined): number {
  switch (schema?.type) {
    case 'boolean':
      return 4;
    case 'string':
      return 2 + (schema.minLength ?? 0);
    case 'array':
      return 2;
    case 'object': {
      const members = (schema.required ?? []).map((name) => name.length + 4 + minSize(schema.properties?.[name]));
      return members.reduce((sum, size) => sum + size, 2);
    }
    default:
      return 1;
  }
}

/** How many entries a list or map may have at most; 1 of what is neither. */
export function cardinality(schema: JsonSchema | undefined): number {
  if (schema?.type === 'array') return schema.maxItems ?? Math.floor(requestBytes / (minSize(itemsOf(schema)) + 1));
  const values = schema?.type === 'object' ? valuesOf(schema) : undefined;
  // An entry of a map has a name, too.
  return values ? (schema?.maxProperties ?? Math.floor(requestBytes / (minSize(values) + 4))) : 1;
}

/** What the variables of an expression are; undefined of those about which nothing is known. */
type Scope = ReadonlyMap<string, JsonSchema | undefined>;

/** The schema of what an expression gives, where it leads to a part of a variable. */
function schemaAt(node: ASTNode, scope: Scope): JsonSchema | undefined {
  switch (node.op) {
    case 'id':
      return scope.get(node.args);
    case '.':
    case '.?': {
      const [object, name] = node.args;
      const properties = Object.entries(schemaAt(object, scope)?.properties ?? {});
      return properties.find(([property]) => escapeName(property) === name)?.[1];
    }
    case '[]':
    case '[?]': {
      const list = schemaAt(node.args[0], scope);
      return list && (itemsOf(list) ?? valuesOf(list));
    }
    case 'rcall':
      // What is left of a list is a list.
      return node.args[0] === 'filter' ? schemaAt(node.args[1], scope) : undefined;
    default:
      return undefined;
  }
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

/** The parts of an expression, in whatever way its operator holds them. */
function partsOf(value: unknown): ASTNode[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(partsOf) : [];
}

/** How often the innermost part of an expression may run: less than what upstream estimates as its cost. */
function turns(node: ASTNode, scope: Scope): number {
  if (node.op === 'rcall') {
    const [name, range, inner] = node.args;
    const [variable, ...bodies] = inner;
    if (loops.has(name) && variable?.op === 'id') {
      const list = schemaAt(range, scope);
      const entry = list?.type === 'array' ? itemsOf(list) : undefined;
      const within = new Map([...scope, [variable.args, entry] as const]);
      const each = bodies.reduce((sum, body) => sum + turns(body, within), 0);
      return turns(range, scope) + cardinality(list) * Math.max(each, 1);
    }
  }
  return partsOf(node.args).reduce((sum, part) => sum + turns(part, scope), 0);
}

/** By how much a rule exceeds what it may cost, in words; undefined where it does not. `times`: how often the schema occurs in an object. */
export function excessiveCost(node: ASTNode, schema: JsonSchema, times: number): string | undefined {
  const scope = new Map([
    ['self', schema],
    ['oldSelf', schema],
  ]);
  const excess = (turns(node, scope) * times) / costLimit;
  if (excess <= 1) return undefined;
  const factor = excess > 100 ? 'more than 100x' : `${excess.toFixed(excess < 1.5 ? 6 : 1)}x`;
  return `estimated rule cost exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
