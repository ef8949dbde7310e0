import { byBytes } from './go-json.ts';
import { analyze, doubleQuoted, plain, resolvesToString, singleQuoted } from './yaml-scalar.ts';

/**
 * YAML in the very form of kubectl's (Go's yaml.v2): members in natural order, lists not indented, block literals for texts of several
 * lines, long lines folded at 80 columns. The `yaml` package writes the same meaning in another form.
 */
export function toYaml(value: unknown): string {
  const lines = new Emitter();
  lines.document(value);
  return lines.text;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Emitter {
  text = '';

  document(value: unknown): void {
    if (isEmptyOrScalar(value)) {
      this.#scalar(value, { indent: 0, simpleKey: false });
      this.text += '\n';
    } else this.#block(value, 0);
  }

  #block(value: unknown, indent: number): void {
    if (Array.isArray(value)) this.#list(value, indent);
    else if (isMap(value)) this.#map(value, indent, false);
  }

  #map(value: Record<string, unknown>, indent: number, started: boolean): void {
    let first = started;
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => naturally(a, b));
    for (const [name, member] of members) {
      if (!first) this.text += ' '.repeat(indent);
      first = false;
      this.#scalar(name, { indent, simpleKey: true });
      this.text += ':';
      if (isEmptyOrScalar(member)) {
        this.text += ' ';
        this.#scalar(member, { indent: indent + 2, simpleKey: false });
        this.text += '\n';
      } else if (Array.isArray(member)) {
        this.text += '\n';
        this.#list(member, indent);
      } else {
        this.text += '\n';
        this.#block(member, indent + 2);
      }
    }
  }

  #list(items: readonly unknown[], indent: number, started = false): void {
    let first = started;
    for (const item of items) {
      if (!first) this.text += ' '.repeat(indent);
      first = false;
      this.text += '- ';
      if (isEmptyOrScalar(item)) {
        this.#scalar(item, { indent: indent + 2, simpleKey: false });
        this.text += '\n';
      } else if (Array.isArray(item)) this.#list(item, indent + 2, true);
      else if (isMap(item)) this.#map(item, indent + 2, true);
    }
  }

  #scalar(value: unknown, { indent, simpleKey }: { indent: number; simpleKey: boolean }): void {
    if (value === null || value === undefined) this.text += 'null';
    else if (Array.isArray(value)) this.text += '[]';
    else if (isMap(value)) this.text += '{}';
    else if (typeof value === 'number') this.text += numberText(value);
    else if (typeof value !== 'string') this.text += String(value);
    else this.#string(value, { indent, simpleKey });
  }

  #string(value: string, { indent, simpleKey }: { indent: number; simpleKey: boolean }): void {
    const facts = analyze(value);
    const column = this.text.length - (this.text.lastIndexOf('\n') + 1);
    const place = { indent, column, fold: !simpleKey };
    if (!resolvesToString(value)) this.text += doubleQuoted(value, place);
    else if (facts.multiline && !simpleKey && facts.blockAllowed) this.text += literal(value, indent);
    else if (value.includes('\n'))
      this.text += facts.singleAllowed && !simpleKey ? singleQuoted(value, place) : doubleQuoted(value, place);
    else if (facts.plainAllowed) this.text += plain(value, place);
    else if (facts.singleAllowed) this.text += singleQuoted(value, place);
    else this.text += doubleQuoted(value, place);
  }
}

/** Empty lists and maps are written like scalars. */
function isEmptyOrScalar(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.values(value).every((member) => member === undefined);
  return true;
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  return String(value).replace(/e([+-]?)(\d)$/, (_, sign, digit) => `e${sign || '+'}0${digit}`);
}

/** `|`, with how the text ends: `|-` without a line break, `|+` with several. */
function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? '2' : '';
  const chomp = !value.endsWith('\n') ? '-' : value.endsWith('\n\n') || value === '\n' ? '+' : '';
  const body = chomp === '-' ? value : value.slice(0, -1);
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

/** yaml.v2 sorts keys as people would: letters before others, numbers within them by value. */
function naturally(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const isLetter = (char: string): boolean => /\p{L}/u.test(char);
  const isDigit = (char: string): boolean => /\p{Nd}/u.test(char);
  for (let at = 0; at < left.length && at < right.length; at++) {
    const [l = '', r = ''] = [left[at], right[at]];
    if (l === r) continue;
    const [lLetter, rLetter] = [isLetter(l), isLetter(r)];
    if (lLetter && rLetter) return byBytes(l, r);
    if (lLetter || rLetter) return rLetter ? -1 : 1;
    let [ln, rn] = [0, 0];
    let [li, ri] = [at, at];
    if (l === '0' || r === '0') {
      for (let j = at - 1; j >= 0 && isDigit(left[j] ?? ''); j--) {
        if (left[j] !== '0') {
          [ln, rn] = [1, 1];
          break;
        }
      }
    }
    for (; isDigit(left[li] ?? ''); li++) ln = ln * 10 + Number(left[li]);
    for (; isDigit(right[ri] ?? ''); ri++) rn = rn * 10 + Number(right[ri]);
    if (ln !== rn) return ln - rn;
    if (li !== ri) return li - ri;
    return byBytes(l, r);
  }
  return left.length - right.length;
}
