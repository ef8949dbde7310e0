import { lastApplied } from '../apply/last-applied.ts';
import { byBytes } from '../print/go-json.ts';

/** Text of a description: lines with tabs, which are put in columns at the end. */
export class Lines {
  text = '';

  /** A line; `level` is how deep it is, two blanks each. */
  add(line: string, level = 0): this {
    this.text += `${'  '.repeat(level)}${line}\n`;
    return this;
  }

  /** Text that is not at the beginning of a line, or is ready as it is. */
  raw(text: string): this {
    this.text += text;
    return this;
  }

  /** `Labels:`, a pair a line. */
  labels(title: string, labels: Readonly<Record<string, string>> | undefined, { level = 0, indent = '\t' } = {}): this {
    const pairs = Object.entries(labels ?? {}).toSorted(([a], [b]) => byBytes(a, b));
    const margin = '  '.repeat(level);
    if (pairs.length === 0) return this.add(`${title}:${indent}<none>`, level);
    pairs.forEach(([name, value], at) => {
      this.raw(`${at === 0 ? `${margin}${title}:` : ''}${indent}${name}=${value}\n`);
    });
    return this;
  }

  annotations(annotations: Readonly<Record<string, string>> | undefined, { level = 0 } = {}): this {
    const pairs = Object.entries(annotations ?? {})
      .filter(([name]) => name !== lastApplied)
      .toSorted(([a], [b]) => byBytes(a, b));
    if (pairs.length === 0) return this.add('Annotations:\t<none>', level);
    const margin = '  '.repeat(level);
    pairs.forEach(([name, given], at) => {
      const value = given.replace(/\n$/, '');
      this.raw(`${margin}${at === 0 ? 'Annotations:' : ''}\t`);
      if (value.length + name.length + 2 <= longestAnnotation && !value.includes('\n')) this.raw(`${name}: ${value}\n`);
      else {
        this.raw(`${name}:\n`);
        for (const line of value.split('\n')) this.raw(`${margin}\t  ${shorten(line, longestAnnotation - 2)}\n`);
      }
    });
    return this;
  }
}

const longestAnnotation = 140;

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}...` : text);

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 1123 with the zone as a number, as `Mon, 02 Jan 2006 15:04:05 -0700`. */
export function longTime(text: string | undefined): string {
  if (!text) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const time = new Date(text);
  const two = (number: number): string => String(number).padStart(2, '0');
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  const day = `${days[time.getDay()]}, ${two(time.getDate())} ${months[time.getMonth()]} ${time.getFullYear()}`;
  return `${day} ${clock} ${zone}`;
}

/** `a=1,b=2`, or `<none>`. */
export function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).toSorted(([a], [b]) => byBytes(a, b));
  return pairs.length === 0 ? '<none>' : pairs.map(([name, value]) => `${name}=${value}`).join(',');
}
