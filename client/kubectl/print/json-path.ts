import { CommandError } from '../failure.ts';
import { byBytes, goJson } from './go-json.ts';
import { type Node, type Operand, parseSteps, parseTemplate, type Step } from './json-path-parse.ts';

/** A template of JSONPath, ready to be filled in. Fields that an object lacks are passed over. */
export class JsonPath {
  readonly #nodes: readonly Node[];

  constructor(template: string) {
    this.#nodes = parseTemplate(template);
  }

  /** The text that the template makes of an object. */
  format(object: unknown): string {
    return formatNodes(this.#nodes, object, object);
  }
}

/** A single path, as `--sort-by` and custom columns take it: `{.metadata.name}`, `.metadata.name`, `metadata.name`. */
export class SinglePath {
  readonly #steps: readonly Step[];

  constructor(expression: string) {
    const inner = /^\{?(.*?)\}?$/s.exec(expression.trim())?.[1] ?? '';
    if (inner.includes('{') || inner.includes('}'))
      throw new CommandError(
        `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
      );
    this.#steps = parseSteps(
      inner.startsWith('.') || inner.startsWith('[') || inner.startsWith('$') ? inner : `.${inner}`,
    );
  }

  values(object: unknown): unknown[] {
    return walk(this.#steps, [object], object);
  }
}

function formatNodes(nodes: readonly Node[], current: unknown, root: unknown): string {
  return nodes
    .map((node) => {
      if (node.is === 'text') return node.text;
      if (node.is === 'literal') return String(node.value);
      if (node.is === 'path') return walk(node.steps, [current], root).map(valueText).join(' ');
      return walk(node.over, [current], root)
        .map((item) => formatNodes(node.body, item, root))
        .join('');
    })
    .join('');
}

/** A value in a text: strings bare, lists and maps as JSON. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? goJson(value) : String(value);
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members of a map, in order, or the items of a list. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value)) return [];
  return Object.keys(value)
    .toSorted(byBytes)
    .map((name) => value[name]);
}

function walk(steps: readonly Step[], from: readonly unknown[], root: unknown): unknown[] {
  let values = [...from];
  for (const step of steps) values = step.is === 'root' ? [root] : values.flatMap((value) => take(step, value, root));
  return values;
}

function take(step: Step, value: unknown, root: unknown): unknown[] {
  switch (step.is) {
    case 'root':
      return [root];
    case 'field': {
      const member = isMap(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
      return member === undefined ? [] : [member];
    }
    case 'wildcard':
      return children(value);
    case 'recursive':
      return descendants(value);
    case 'slice':
      return sliceOf(step, value);
    case 'union':
      return step.paths.flatMap((path) => walk(path, [value], root));
    case 'filter':
      return children(value).filter((item) => passes(step, item, root));
  }
}

function descendants(value: unknown): unknown[] {
  return [value, ...children(value).flatMap(descendants)];
}

function sliceOf(step: Extract<Step, { is: 'slice' }>, value: unknown): unknown[] {
  if (!Array.isArray(value)) return [];
  const place = (at: number): number => (at < 0 ? at + value.length : at);
  const from = place(step.from ?? 0);
  if (step.single) {
    if (from < 0 || from >= value.length)
      throw new CommandError(`array index out of bounds: index ${step.from ?? 0}, length ${value.length}`);
    return [value[from]];
  }
  const to = step.to === undefined ? value.length : place(step.to);
  const by = step.step ?? 1;
  return value.slice(from, to).filter((_, at) => at % by === 0);
}

function passes(step: Extract<Step, { is: 'filter' }>, item: unknown, root: unknown): boolean {
  const left = operandValues(step.left, item, root);
  if (step.operator === 'exists') return left.length > 0;
  if (!step.right) return false;
  const [l] = left;
  const [r] = operandValues(step.right, item, root);
  if (left.length === 0) return step.operator === '!=' && r !== undefined;
  return compare(l, step.operator, r);
}

const operandValues = (operand: Operand, item: unknown, root: unknown): unknown[] =>
  'value' in operand ? [operand.value] : walk(operand.steps, [item], root);

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const order = inOrder(left, right);
  if (order === undefined) return false;
  const tests: Readonly<Record<string, boolean>> = {
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  };
  return tests[operator] ?? false;
}

function inOrder(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return byBytes(left, right);
  return undefined;
}
