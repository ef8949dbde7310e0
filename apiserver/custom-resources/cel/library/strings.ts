import type { Environment } from '@marcbachmann/cel-js';
import { patternOf } from '../../schema/pattern.ts';
import { timeText } from './times.ts';
import { iterate } from './values.ts';

function expression(text: string): RegExp {
  const found = patternOf(text);
  if (!found) throw new Error(`error parsing regexp: ${text}`);
  return found;
}

/** `strings` is a name of which a member is a function. */
class Strings {}

/** Regular expressions and the strings library. */
export function strings(environment: Environment): void {
  const find = (text: string, pattern: string): string => expression(pattern).exec(text)?.[0] ?? '';
  const findAll = (text: string, pattern: string, limit = -1n): string[] => {
    const { source, flags } = expression(pattern);
    const found = [...text.matchAll(new RegExp(source, `${flags}g`))].map(([match]) => match);
    return limit < 0n ? found : found.slice(0, Number(limit));
  };
  const replace = (text: string, from: string, to: string, limit = -1n): string => {
    if (limit < 0n) return text.replaceAll(from, () => to);
    let result = text;
    let at = 0;
    for (let count = 0n; count < limit; count++) {
      const found = result.indexOf(from, at);
      if (found < 0) break;
      result = result.slice(0, found) + to + result.slice(found + from.length);
      at = found + to.length;
    }
    return result;
  };
  environment
    .registerType('kubernetes.Strings', { ctor: Strings, fields: {} })
    .registerConstant('strings', 'kubernetes.Strings', new Strings())
    .registerFunction('kubernetes.Strings.quote(string): string', (_: Strings, text: string) => JSON.stringify(text))
    .registerFunction('string.find(string): string', find)
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern))
    .registerFunction('string.findAll(string, int): list<string>', findAll)
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      replace(text, from, to),
    )
    .registerFunction('string.replace(string, string, int): string', replace)
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => [...text][Number(at)] ?? '')
    .registerFunction('string.format(list<dyn>): string', format);
}

/** `"%s is %d".format([a, b])`, of CEL's strings library. */
function format(template: string, values: Iterable<unknown>): string {
  const rest = iterate(values);
  return template.replace(/%(?:\.(\d+))?([sdfexXob%])/g, (_whole, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (rest.length === 0) throw new Error('index out of range in format');
    const value = rest.shift();
    switch (verb) {
      case 'f':
        return Number(value).toFixed(Number(digits ?? 6));
      case 'e':
        // The exponent has two digits at least.
        return Number(value)
          .toExponential(Number(digits ?? 6))
          .replace(/(?<=e[+-])(?=\d$)/, '0');
      case 'x':
        return typeof value === 'bigint' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
      case 'X':
        return typeof value === 'bigint'
          ? value.toString(16).toUpperCase()
          : Buffer.from(String(value)).toString('hex');
      case 'o':
        return typeof value === 'bigint' ? value.toString(8) : String(value);
      case 'b':
        return typeof value === 'bigint' ? value.toString(2) : String(value);
      default:
        return shown(value);
    }
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, member]) => `${shown(key)}: ${shown(member)}`).join(', ')}}`;
  return value instanceof Date ? timeText(value) : String(value);
}
