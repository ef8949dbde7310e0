import type { ASTNode } from '@marcbachmann/cel-js';
import { entryKeys, presence, zip } from './library/macro-parts.ts';

/**
 * The expression in terms of what the engine knows, where it has macros that the engine has not: those of two variables and of optional values,
 * and `has` of what is no member of a variable. (That of the engine does not look at whether there can be such a member, either.)
 */
export function plainer(expression: string, ast: ASTNode): string {
  return nodesOf(ast).some((node) => written(node) !== undefined) ? render(ast) : expression;
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

/** A node and all below it, in whatever way its operator holds them. */
export function nodesOf(value: unknown): ASTNode[] {
  if (isNode(value)) return [value, ...nodesOf(value.args)];
  return Array.isArray(value) ? value.flatMap(nodesOf) : [];
}

/** An expression as it is written, with the macros in other words and in parentheses wherever those may be needed. */
function render(node: ASTNode): string {
  const macro = written(node);
  if (macro !== undefined) return macro;
  switch (node.op) {
    case 'value':
      return node.input.slice(node.start, node.end);
    case 'id':
      return node.args;
    case '.':
    case '.?':
      return `${render(node.args[0])}${node.op}${node.args[1]}`;
    case '[]':
      return `${render(node.args[0])}[${render(node.args[1])}]`;
    case '[?]':
      return `${render(node.args[0])}[?${render(node.args[1])}]`;
    case 'list':
      return `[${node.args.map(render).join(', ')}]`;
    case 'map':
      return `{${node.args.map((entry) => entry.map(render).join(': ')).join(', ')}}`;
    case '?:':
      return `(${render(node.args[0])} ? ${render(node.args[1])} : ${render(node.args[2])})`;
    case '!_':
    case '-_':
      return `(${node.op.charAt(0)}${render(node.args)})`;
    case 'call':
      return `${node.args[0]}(${node.args[1].map(render).join(', ')})`;
    case 'rcall':
      return `${render(node.args[1])}.${node.args[0]}(${node.args[2].map(render).join(', ')})`;
    default:
      return `(${render(node.args[0])} ${node.op} ${render(node.args[1])})`;
  }
}

/** A macro in other words; undefined of all else. */
function written(node: ASTNode): string | undefined {
  if (node.op === 'call') {
    const [name, [member]] = node.args;
    return name === 'has' && member ? `${presence}(${render(member)})` : undefined;
  }
  if (node.op !== 'rcall') return undefined;
  const [name, on, args] = node.args;
  const [first, second] = [args[0], args[1]].map((arg) => (arg?.op === 'id' ? arg.args : undefined));
  if (name.startsWith('opt') && first && args[1]) return ofOptional(name, on, { first, body: args[1] });
  if (name === 'existsOne' && first && args.length === 2 && args[1]) {
    return `${render(on)}.exists_one(${first}, ${render(args[1])})`;
  }
  if (!first || !second) return undefined;
  return ofEntries(name, on, { key: first, value: second, bodies: args.slice(2), range: `__range${node.start}` });
}

function ofOptional(name: string, on: ASTNode, { first, body }: { first: string; body: ASTNode }): string | undefined {
  const value = `__optional${body.start}`;
  const inner = `cel.bind(${first}, ${value}.value(), ${render(body)})`;
  const given = name === 'optMap' ? `optional.of(${inner})` : name === 'optFlatMap' ? inner : undefined;
  return given && `cel.bind(${value}, ${render(on)}, (${value}.hasValue() ? ${given} : optional.none()))`;
}

interface Entries {
  readonly key: string;
  readonly value: string;
  readonly bodies: readonly ASTNode[];
  /** A name for what they are the entries of. */
  readonly range: string;
}

const quantifiers: Readonly<Record<string, string>> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'exists_one',
  existsOne: 'exists_one',
};

function ofEntries(name: string, on: ASTNode, { key, value, bodies, range }: Entries): string | undefined {
  const [body, more] = bodies;
  if (!body) return undefined;
  const each = (part: ASTNode): string => `cel.bind(${value}, ${range}[${key}], ${render(part)})`;
  const bound = (inner: string): string => `cel.bind(${range}, ${render(on)}, ${inner})`;
  const quantifier = quantifiers[name];
  if (quantifier && !more) return bound(`${entryKeys}(${range}).${quantifier}(${key}, ${each(body)})`);
  const keys = more ? `${entryKeys}(${range}).filter(${key}, ${each(body)})` : `${entryKeys}(${range})`;
  const values = `${keys}.map(${key}, ${each(more ?? body)})`;
  if (name === 'transformList') return bound(values);
  return name === 'transformMap' ? bound(`${zip}(${keys}, ${values})`) : undefined;
}
