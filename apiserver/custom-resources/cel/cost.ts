import type { ASTNode } from '@marcbachmann/cel-js';
import { itemsOf, type JsonSchema, valuesOf } from '../schema/json-schema.ts';
import { entryKeys, presence } from './library/macro-parts.ts';
import { maxSize } from './sizes.ts';
import { escapeName, metadataSchema } from './types.ts';

/** What is known of a value: its schema, if it is a part of the object; else how many bytes or entries it has at most. */
interface Known {
  readonly schema?: JsonSchema | undefined;
  readonly size?: number | undefined;
}

/** What evaluating an expression costs at most, and what it gives. */
interface Estimate extends Known {
  readonly cost: number;
}

type Scope = ReadonlyMap<string, Known>;

/** Of each byte of a text that is read, and of each of a regular expression. */
const byteCost = 0.1;
const expressionCost = 0.25;
const listCost = 10;
const mapCost = 30;

const text: JsonSchema = { type: 'string' };

/**
 * What evaluating an expression costs at most, as kube-apiserver counts it (upstream: cel-go/checker/cost.go and
 * apiserver/pkg/cel/library/cost.go): each step costs one, what reads a text costs a tenth of its bytes, a loop as often as there may be
 * entries.
 */
export function costOf(expression: ASTNode, schema: JsonSchema, { resource }: { resource: boolean }): number {
  const own = { ...schema.properties, apiVersion: text, kind: text, metadata: metadataSchema };
  const self: Known = { schema: resource ? { ...schema, properties: own } : schema };
  const scope = new Map([
    ['self', self],
    ['oldSelf', self],
  ]);
  return new Coster(schema).estimate(expression, scope).cost;
}

/** The number of bytes or entries: scalars that the expression makes have one, of other things nothing is known. */
const sizeOf = ({ schema, size }: Known): number => size ?? (schema ? maxSize(schema) : Number.POSITIVE_INFINITY);
const scaled = (size: number, factor: number): number => Math.ceil(size * factor);
const isText = ({ schema }: Known): boolean => schema?.type === 'string';

class Coster {
  readonly #root: JsonSchema;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  estimate(node: ASTNode, scope: Scope): Estimate {
    switch (node.op) {
      case 'value':
        return { cost: 0, size: literalSize(node.args) };
      case 'id':
        return { cost: 1, ...scope.get(node.args) };
      case '.':
      case '.?':
        return this.#select(node.args, scope);
      case '[]':
      case '[?]':
        return this.#index(node.args, scope);
      case 'list': {
        const parts = node.args.map((part) => this.estimate(part, scope));
        return { cost: listCost + total(parts), size: parts.length };
      }
      case 'map': {
        const parts = node.args.flat().map((part) => this.estimate(part, scope));
        return { cost: mapCost + total(parts), size: node.args.length };
      }
      case '?:': {
        const [condition, left, right] = node.args;
        const [a, b] = [this.estimate(left, scope), this.estimate(right, scope)];
        const cost = this.estimate(condition, scope).cost + Math.max(a.cost, b.cost);
        return { cost, size: Math.max(sizeOf(a), sizeOf(b)) };
      }
      case '||':
      case '&&':
        return { cost: total(node.args.map((part) => this.estimate(part, scope))), size: 1 };
      case '-_':
        // The minus of a number is a part of it.
        return { cost: this.estimate(node.args, scope).cost + (node.args.op === 'value' ? 0 : 1), size: 1 };
      case '!_':
        return { cost: this.estimate(node.args, scope).cost + 1, size: 1 };
      case 'call':
        return this.#call(node.args[0], undefined, { args: node.args[1], scope });
      case 'rcall':
        return this.#call(node.args[0], node.args[1], { args: node.args[2], scope });
      default:
        return this.#operator(node.op, node.args, scope);
    }
  }

  #select([object, name]: readonly [ASTNode, string], scope: Scope): Estimate {
    const { cost, schema } = this.estimate(object, scope);
    const member = Object.entries(schema?.properties ?? {}).find(([property]) => escapeName(property) === name)?.[1];
    return { cost: cost + 1, schema: member };
  }

  #index([of, at]: readonly [ASTNode, ASTNode], scope: Scope): Estimate {
    const { cost, schema } = this.estimate(of, scope);
    const inner = schema && (itemsOf(schema) ?? valuesOf(schema));
    return { cost: cost + this.estimate(at, scope).cost + 1, schema: inner };
  }

  #operator(operator: string, [left, right]: readonly [ASTNode, ASTNode], scope: Scope): Estimate {
    const [a, b] = [this.estimate(left, scope), this.estimate(right, scope)];
    const parts = a.cost + b.cost;
    const both = Math.min(sizeOf(a), sizeOf(b));
    switch (operator) {
      case '==':
      case '!=':
        return { cost: parts + scaled(both, byteCost), size: 1 };
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { cost: parts + (isText(a) || isText(b) ? scaled(both, byteCost) : 1), size: 1 };
      case 'in':
        // Only lists are searched from end to end.
        return { cost: parts + (b.schema && valuesOf(b.schema) ? 1 : sizeOf(b)), size: 1 };
      case '+': {
        const size = sizeOf(a) + sizeOf(b);
        if (isText(a) || isText(b)) return { cost: parts + scaled(size, byteCost), size, schema: text };
        const lists = [a, b].some(({ schema }) => schema?.type === 'array');
        return { cost: parts + 1, size: lists ? size : 1 };
      }
      default:
        return { cost: parts + 1, size: 1 };
    }
  }

  #call(
    name: string,
    target: ASTNode | undefined,
    { args, scope }: { args: readonly ASTNode[]; scope: Scope },
  ): Estimate {
    const [first] = args;
    if ((name === 'has' || name === presence) && first?.op === '.')
      return { cost: this.estimate(first.args[0], scope).cost, size: 1 };
    if (target) {
      const looped = this.#loop(name, target, { args, scope });
      if (looped) return looped;
    }
    const on = target && this.estimate(target, scope);
    const given = args.map((arg) => this.estimate(arg, scope));
    const parts = (on?.cost ?? 0) + total(given);
    const [own, size] = functionCost(name, on, given);
    return { cost: parts + own, size: size ?? 1 };
  }

  /** A macro that goes over the entries of a list or the names of a map; undefined of other calls. */
  #loop(
    name: string,
    range: ASTNode,
    { args, scope }: { args: readonly ASTNode[]; scope: Scope },
  ): Estimate | undefined {
    const [variable, ...bodies] = args;
    if (variable?.op !== 'id') return undefined;
    if (name === 'bind' && bodies[0] && bodies[1]) {
      const value = this.estimate(bodies[0], scope);
      const inner = this.estimate(bodies[1], new Map([...scope, [variable.args, value]]));
      return { ...inner, cost: value.cost + inner.cost };
    }
    const loop = loops[name];
    if (!loop) return undefined;
    const list = this.estimate(range, scope);
    const within = new Map([...scope, [variable.args, this.#entryOf(list)] as const]);
    const body = total(bodies.map((part) => this.estimate(part, within)));
    const size = sizeOf(list);
    const cost = list.cost + loop.once + size * (loop.each + body + (bodies.length > 1 ? loop.filtered : 0));
    return { cost, size: loop.list ? size : 1 };
  }

  /** Entries of lists that expressions make are taken to be as large as the whole value. */
  #entryOf({ schema }: Known): Known {
    if (!schema) return { size: maxSize(this.#root) };
    const items = itemsOf(schema);
    // Names of maps are not counted.
    return items ? { schema: items } : { schema: text, size: 0 };
  }
}

const total = (parts: readonly Estimate[]): number => parts.reduce((sum, { cost }) => sum + cost, 0);

function literalSize(value: unknown): number {
  if (typeof value === 'string') return [...value].length;
  return value instanceof Uint8Array ? value.length : 1;
}

/** What the steps of a macro cost beside its bodies: once, for each entry, and where there is a filter too. */
interface Loop {
  readonly once: number;
  readonly each: number;
  readonly filtered: number;
  readonly list: boolean;
}

const loops: Readonly<Record<string, Loop>> = {
  all: { once: 1, each: 3, filtered: 0, list: false },
  exists: { once: 1, each: 4, filtered: 0, list: false },
  exists_one: { once: 2, each: 2, filtered: 0, list: false },
  existsOne: { once: 2, each: 2, filtered: 0, list: false },
  map: { once: listCost + 1, each: listCost + 2, filtered: 0, list: true },
  filter: { once: listCost + 1, each: listCost + 3, filtered: 0, list: true },
};

const sorting = new Set(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf']);

/** The cost of a function itself, and the size of what it gives. `on` is what it is called on, if it is a method. */
function functionCost(
  name: string,
  on: Known | undefined,
  [first, second]: readonly Known[],
): readonly [cost: number, size?: number] {
  const about = on ?? first;
  if (!about) return [1];
  const size = sizeOf(about);
  const other = first ? sizeOf(first) : 0;
  if (sorting.has(name) && on) return [sortingCost(on)];
  switch (name) {
    case 'matches':
      return [scaled(size + 1, byteCost) * scaled(sizeOf((on ? first : second) ?? {}), expressionCost)];
    case 'find':
    case 'findAll':
      return [scaled(size + 1, byteCost) * scaled(other, expressionCost), size];
    case 'contains':
      return [scaled(size, byteCost) * scaled(other, byteCost)];
    case 'startsWith':
    case 'endsWith':
      return [scaled(other, byteCost)];
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'bytes':
      return [scaled(size, byteCost), size];
    case 'url':
      return [scaled(size, byteCost)];
    case entryKeys:
      return [1, size];
    case 'split':
      return [scaled(size, 2 * byteCost), size];
    case 'replace':
      // Nothing says that the replaced text is not empty, in which case there is a replacement between all characters.
      return [scaled(size, 2 * byteCost), size + (size + 1) * (second ? sizeOf(second) : 0)];
    case 'join': {
      const all = size * sizeOf(itemOf(about)) + Math.max(size - 1, 0) * other;
      return [scaled(all, byteCost), all];
    }
    case 'containsIP':
      return [4];
    case 'containsCIDR':
      return [7];
    default:
      return [1];
  }
}

const itemOf = ({ schema }: Known): Known => ({ schema: schema && itemsOf(schema) });

function sortingCost(on: Known): number {
  if (isText(on)) return scaled(sizeOf(on), byteCost);
  const item = itemOf(on);
  return sizeOf(on) * (1 + (isText(item) ? scaled(sizeOf(item), byteCost) : 0));
}
