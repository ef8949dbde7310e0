import { isMap } from './schema/json-schema.ts';

/** Gives the values that a step leads to from each of those before it. */
type Step = (values: readonly unknown[]) => unknown[];

const member =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => (isMap(value) && Object.hasOwn(value, name) ? [value[name]] : []));

const all: Step = (values) =>
  values.flatMap((value) => (Array.isArray(value) ? value : isMap(value) ? Object.values(value) : []));

const descendants = (value: unknown): unknown[] => [value, ...all([value]).flatMap(descendants)];

function slice(from: string, to: string | undefined, step: string | undefined): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      if (to === undefined) {
        const found: unknown = value.at(Number(from));
        return found === undefined ? [] : [found];
      }
      const part = value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to));
      const every = step ? Number(step) : 1;
      return every > 0 ? part.filter((_, index) => index % every === 0) : [];
    });
}

const comparisons: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `?(@.type=="Ready")`: the entries of which this holds. */
function filter(text: string): Step | undefined {
  const [, left = '', operator, right = ''] = /^@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*))?$/s.exec(text.trim()) ?? [];
  const path = parse(left);
  if (!path) return undefined;
  const entries = (values: readonly unknown[]): unknown[] =>
    values.flatMap((value) => (Array.isArray(value) ? value : []));
  if (!operator) return (values) => entries(values).filter((entry) => run(path, entry).length > 0);
  const compare = comparisons[operator];
  const quoted = /^(["'])(.*)\1$/s.exec(right.trim())?.[2];
  const wanted = quoted ?? (right.trim() === 'true' ? true : right.trim() === 'false' ? false : Number(right));
  // Both sides are scalars: others are equal to nothing.
  return (values) =>
    entries(values).filter((entry) => run(path, entry).some((found) => compare?.(found as never, wanted as never)));
}

const name = /^((?:[^\s.[\]\\]|\\.)+)/;

/** The steps of a path; undefined where it is none. */
function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const [step, length] = next(rest) ?? [];
    if (!step || !length) return undefined;
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

function next(text: string): readonly [Step, number] | undefined {
  if (text === '.') return [(values) => [...values], 1];
  if (text.startsWith('..')) return [(values) => values.flatMap(descendants), text[2] === '[' ? 2 : 1];
  if (text.startsWith('.*')) return [all, 2];
  if (text.startsWith('.')) {
    const found = name.exec(text.slice(1))?.[1];
    if (found !== undefined) return [member(found.replace(/\\(.)/g, '$1')), found.length + 1];
    return text[1] === '[' ? [(values) => [...values], 1] : undefined;
  }
  if (text.startsWith('[?(')) {
    const end = text.indexOf(')]');
    const step = end < 0 ? undefined : filter(text.slice(3, end));
    return step && [step, end + 2];
  }
  const quoted = /^\[(["'])((?:[^\\]|\\.)*?)\1\]/.exec(text);
  if (quoted) return [member((quoted[2] ?? '').replace(/\\(.)/g, '$1')), quoted[0].length];
  if (text.startsWith('[*]')) return [all, 3];
  const range = /^\[(-?\d*)(?::(-?\d*)(?::(-?\d*))?)?\]/.exec(text);
  return range ? [slice(range[1] ?? '', range[2], range[3]), range[0].length] : undefined;
}

const run = (steps: readonly Step[], value: unknown): unknown[] =>
  steps.reduce<unknown[]>((values, step) => step(values), [value]);

/** A path of kubectl's JSONPath without the braces, as `.status.conditions[?(@.type=="Ready")].status`. */
export class JsonPath {
  readonly #steps: readonly Step[];

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  /** Undefined where the text is no such path. */
  static parse(text: string): JsonPath | undefined {
    const steps = parse(text);
    return steps && new JsonPath(steps);
  }

  /** All values that the path leads to. */
  find(object: unknown): unknown[] {
    return run(this.#steps, object);
  }
}

/** The names of a path that only goes down members of objects: `.spec.replicas`, `.metadata.labels['a.b']`. */
export function membersOf(path: string): string[] | undefined {
  const names: string[] = [];
  let rest = path;
  while (rest !== '') {
    const plain = /^\.([^.[\]]+)/.exec(rest);
    const quoted = plain ? null : /^\.?\[(["'])(.+?)\1\]/.exec(rest);
    const found = plain?.[1] ?? quoted?.[2];
    if (found === undefined) return undefined;
    names.push(found);
    rest = rest.slice((plain ?? quoted)?.[0].length);
  }
  return names.length ? names : undefined;
}
