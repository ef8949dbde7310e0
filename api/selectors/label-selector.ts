import { labelValue, qualifiedName } from '../names.ts';

export type LabelOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One condition on one label; all conditions of a selector must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** `LabelSelector` of meta/v1. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

type Labels = Readonly<Record<string, string>> | undefined;

/** Text that is no selector; the message is Kubernetes'. Servers answer it with 400. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Selects objects by their labels (upstream: apimachinery/pkg/labels). */
export class LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  readonly #nothing: boolean;

  private constructor(requirements: readonly LabelRequirement[], nothing = false) {
    this.requirements = requirements;
    this.#nothing = nothing;
  }

  static readonly everything: LabelSelector = new LabelSelector([]);
  static readonly nothing: LabelSelector = new LabelSelector([], true);

  /** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. Throws {@link SelectorError}. */
  static parse(text: string): LabelSelector {
    return new LabelSelector(new Parser(text).requirements());
  }

  /** Reads a LabelSelector of a spec: an empty one selects everything, an absent one nothing. */
  static from(selector: LabelSelectorObject | undefined | null): LabelSelector {
    if (!selector) return LabelSelector.nothing;
    const requirements: LabelRequirement[] = [];
    for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
      requirements.push({ key, operator: 'In', values: [value] });
    }
    for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
      if (!isOperator(operator)) throw new SelectorError(`"${operator}" is not a valid label selector operator`);
      requirements.push({ key, operator, values });
    }
    return new LabelSelector(requirements);
  }

  /** Reads the plain map that Services and node selectors use. */
  static fromMap(labels: Readonly<Record<string, string>>): LabelSelector {
    return LabelSelector.from({ matchLabels: labels });
  }

  matches(labels: Labels): boolean {
    return !this.#nothing && this.requirements.every((requirement) => holds(requirement, labels ?? {}));
  }

  /** Whether it selects everything. */
  get isEmpty(): boolean {
    return !this.#nothing && this.requirements.length === 0;
  }

  /** The text that {@link parse} reads, with sorted keys and values, as kube-apiserver writes it in `status.selector`. */
  toString(): string {
    return [...this.requirements]
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(write)
      .join(',');
  }
}

const operators: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);
const isOperator = (text: string): text is LabelOperator => operators.has(text);

const integer = /^[+-]?\d+$/;

function holds({ key, operator, values }: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const bound = values[0] ?? '';
      if (value === undefined || !integer.test(value) || !integer.test(bound)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
    }
  }
}

function write({ key, operator, values }: LabelRequirement): string {
  const sorted = [...values].sort();
  switch (operator) {
    case 'In':
      return sorted.length === 1 ? `${key}=${sorted[0]}` : `${key} in (${sorted.join(',')})`;
    case 'NotIn':
      return sorted.length === 1 ? `${key}!=${sorted[0]}` : `${key} notin (${sorted.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0]}`;
    case 'Lt':
      return `${key}<${values[0]}`;
  }
}

/** `,`, `(` and the operators stand for themselves; everything else up to a space is a word. */
const token = /\s*(==|!=|[=!,()<>]|[^\s=!,()<>]+)/y;
const isWord = (text: string | undefined): text is string => text !== undefined && !/^[=!,()<>]/.test(text);

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(new RegExp(token, 'g'))].map((match) => match[1] ?? '');
  }

  requirements(): LabelRequirement[] {
    const found: LabelRequirement[] = [];
    if (this.#peek === undefined) return found;
    for (;;) {
      found.push(check(this.#requirement()));
      const next = this.#take();
      if (next === undefined) return found;
      if (next !== ',') throw unable(`found '${next}', expected: ',' or 'end of string'`);
      if (this.#peek === undefined) throw new SelectorError("found '', expected: identifier after ','");
    }
  }

  get #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #requirement(): LabelRequirement {
    if (this.#peek === '!') {
      this.#at++;
      return { key: this.#key(), operator: 'DoesNotExist', values: [] };
    }
    const key = this.#key();
    const next = this.#peek;
    if (next === undefined || next === ',') return { key, operator: 'Exists', values: [] };
    this.#at++;
    switch (next) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value()] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value()] };
      case '>':
        return { key, operator: 'Gt', values: [this.#value()] };
      case '<':
        return { key, operator: 'Lt', values: [this.#value()] };
      case 'in':
        return { key, operator: 'In', values: this.#values() };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#values() };
      default:
        throw unable(`found '${next}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #key(): string {
    const key = this.#take();
    if (!isWord(key)) throw unable(`found '${key ?? ''}', expected: !, identifier, or 'end of string'`);
    const errors = qualifiedName(key);
    if (errors.length) throw unable(`key: Invalid value: ${JSON.stringify(key)}: ${errors.join('; ')}`);
    return key;
  }

  /** One value, which may be empty. */
  #value(): string {
    if (this.#peek === undefined || this.#peek === ',') return '';
    const value = this.#take();
    if (!isWord(value)) throw unable(`found '${value ?? ''}', expected: identifier`);
    return value;
  }

  /** `(a,b)`; parts may be empty. */
  #values(): string[] {
    const open = this.#take();
    if (open !== '(') throw unable(`found '${open ?? ''}' expected: '('`);
    const values: string[] = [];
    for (let part = ''; ; ) {
      const next = this.#take();
      if (next === ',' || next === ')') {
        values.push(part);
        part = '';
        if (next === ')') return [...new Set(values)];
      } else if (isWord(next) && part === '') part = next;
      else throw unable(`found '${next ?? ''}', expected: ',', or ')'`);
    }
  }
}

const unable = (why: string): SelectorError => new SelectorError(`unable to parse requirement: ${why}`);

function check(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  if ((operator === 'Gt' || operator === 'Lt') && !integer.test(values[0] ?? '')) {
    throw unable(
      `values[0][${key}]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  for (const [index, value] of values.entries()) {
    const errors = labelValue(value);
    if (errors.length) {
      throw unable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${errors.join('; ')}`);
    }
  }
  return requirement;
}
