import { badRequest } from '@skiff/api/status';

/** One condition on an object's labels. */
interface Requirement {
  readonly key: string;
  readonly operator: 'exists' | 'missing' | 'in' | 'notin' | 'gt' | 'lt';
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

const name = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const prefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const value = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;
const tokens = /\s*(!=|==|=|!|>|<|,|\(|\)|[^\s!=<>,()]+)\s*/y;

function isKey(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return name.test(text);
  return slash <= 253 && prefix.test(text.slice(0, slash)) && name.test(text.slice(slash + 1));
}

/** Reads `app=x,tier in (a,b),!old,size>3`, token by token (upstream: apimachinery/pkg/labels/selector.go). */
class Parser {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    tokens.lastIndex = 0;
    for (let match = tokens.exec(text); match; match = tokens.exec(text)) this.#tokens.push(match[1] ?? '');
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#tokens.length === 0) return requirements;
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#next();
      if (next === undefined) return requirements;
      if (next !== ',') throw this.#refused(`found '${next}', expected: ',' or the end`);
    }
  }

  #requirement(): Requirement {
    const first = this.#next();
    if (first === '!') return { key: this.#key(this.#next()), operator: 'missing', values: [] };
    const key = this.#key(first);
    switch (this.#tokens[this.#at]) {
      case undefined:
      case ',':
        return { key, operator: 'exists', values: [] };
      case '=':
      case '==':
        this.#at++;
        return { key, operator: 'in', values: [this.#value()] };
      case '!=':
        this.#at++;
        return { key, operator: 'notin', values: [this.#value()] };
      case 'in':
      case 'notin':
        return { key, operator: this.#next() === 'in' ? 'in' : 'notin', values: this.#set() };
      case '>':
      case '<':
        return { key, operator: this.#next() === '>' ? 'gt' : 'lt', values: [this.#number()] };
      default:
        throw this.#refused(`found '${this.#tokens[this.#at]}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #key(token: string | undefined): string {
    if (token === undefined || !isKey(token)) throw this.#refused(`'${token ?? ''}' is no label key`);
    return token;
  }

  /** A value may be empty: then a comma or the end follows. */
  #value(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token === ',' || token === ')') return '';
    this.#at++;
    if (!value.test(token)) throw this.#refused(`'${token}' is no label value`);
    return token;
  }

  #number(): string {
    const text = this.#value();
    if (!/^-?\d+$/.test(text)) throw this.#refused(`'${text}' is no whole number`);
    return text;
  }

  #set(): string[] {
    if (this.#next() !== '(') throw this.#refused("expected: '('");
    const values = [this.#value()];
    for (;;) {
      const next = this.#next();
      if (next === ')') return values;
      if (next !== ',') throw this.#refused(`found '${next ?? ''}', expected: ',' or ')'`);
      values.push(this.#value());
    }
  }

  #refused(why: string): Error {
    return badRequest(`unable to parse requirement in "${this.#text}": ${why}`);
  }
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const has = Object.hasOwn(labels, key);
  const is = has ? (labels[key] ?? '') : '';
  const [first = ''] = values;
  switch (operator) {
    case 'exists':
      return has;
    case 'missing':
      return !has;
    case 'in':
      return has && values.includes(is);
    case 'notin':
      return !has || !values.includes(is);
    case 'gt':
      return has && /^-?\d+$/.test(is) && Number(is) > Number(first);
    case 'lt':
      return has && /^-?\d+$/.test(is) && Number(is) < Number(first);
  }
}

/** Reads a label selector as it stands in a query. Throws 400. */
export function parseLabelSelector(text: string): (labels: Labels | undefined) => boolean {
  const requirements = new Parser(text).parse();
  return (labels = {}) => requirements.every((requirement) => holds(requirement, labels));
}
