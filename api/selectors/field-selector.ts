import { SelectorError } from './label-selector.ts';

/** `path=value` or `path!=value`; all terms of a selector must hold. */
export interface FieldTerm {
  readonly path: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Selects objects by their fields (upstream: apimachinery/pkg/fields). */
export class FieldSelector {
  readonly terms: readonly FieldTerm[];

  private constructor(terms: readonly FieldTerm[]) {
    this.terms = terms;
  }

  /** Reads `a=b,c==d,e!=f`, where `\,`, `\=` and `\\` in values stand for themselves. Throws {@link SelectorError}. */
  static parse(text: string): FieldSelector {
    const terms = split(text)
      .filter((term) => term !== '')
      .map(parseTerm);
    return new FieldSelector(terms);
  }

  get isEmpty(): boolean {
    return this.terms.length === 0;
  }

  /** `read` gives the text at a path of the object. */
  matches(read: (path: string) => string): boolean {
    return this.terms.every(({ path, equal, value }) => (read(path) === value) === equal);
  }

  /** The value that this path must have, if the selector says so: for a look-up by name instead of a search. */
  requiredValue(path: string): string | undefined {
    return this.terms.find((term) => term.equal && term.path === path)?.value;
  }

  toString(): string {
    return this.terms
      .map(({ path, equal, value }) => `${path}${equal ? '=' : '!='}${value.replace(/[\\,=]/g, '\\$&')}`)
      .join(',');
  }
}

/** At commas that are not escaped. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let index = 0; index < text.length; index++) {
    if (text[index] === ',') {
      parts.push(part);
      part = '';
    } else if (text[index] === '\\') part += text.slice(index, ++index + 1);
    else part += text[index];
  }
  return [...parts, part];
}

function parseTerm(text: string): FieldTerm {
  const match = /^([^=!\\]*)(!=|==|=)([\s\S]*)$/.exec(text);
  if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, path = '', operator, raw = ''] = match;
  if (/(^|[^\\])(\\\\)*=/.test(raw))
    throw new SelectorError(`invalid field selector: '${text}': unescaped '=' in value`);
  const wrong = /\\([^\\,=]|$)/.exec(raw.replaceAll('\\\\', ''));
  if (wrong) throw new SelectorError(`invalid field selector: invalid escape sequence: ${wrong[0]}`);
  return { path, equal: operator !== '!=', value: raw.replace(/\\([\\,=])/g, '$1') };
}
