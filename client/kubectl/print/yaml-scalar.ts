/** How a string can be written in YAML, by the rules of libyaml's emitter as yaml.v2 has them. */
export interface ScalarFacts {
  readonly multiline: boolean;
  readonly plainAllowed: boolean;
  readonly singleAllowed: boolean;
  readonly blockAllowed: boolean;
}

const bestWidth = 80;

/** Characters that are written as they are. */
const printable = /^[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]$/u;
const startIndicators = new Set('#,[]{}&*!|>\'"%@`');

export function analyze(value: string): ScalarFacts {
  if (value === '') return { multiline: false, plainAllowed: false, singleAllowed: true, blockAllowed: false };
  let [indicators, lineBreaks, special] = [false, false, false];
  let [leadingSpace, leadingBreak, trailingSpace, trailingBreak, breakSpace, spaceBreak] =
    Array<boolean>(6).fill(false);
  let [previousSpace, previousBreak, preceded] = [false, false, true];
  if (value.startsWith('---') || value.startsWith('...')) indicators = true;
  const chars = [...value];
  chars.forEach((char, at) => {
    const last = at === chars.length - 1;
    const next = chars[at + 1];
    const followed = next === undefined || /\s/.test(next);
    if (at === 0) {
      if (startIndicators.has(char)) indicators = true;
      else if (char === '?' || char === ':') indicators ||= followed;
      else if (char === '-') indicators ||= followed;
    } else if (char === ':') indicators ||= followed;
    else if (char === '#') indicators ||= preceded;
    if (!printable.test(char)) special = true;
    const isBreak = char === '\n' || char === '\r' || char === '\x85' || char === '\u2028' || char === '\u2029';
    if (isBreak) lineBreaks = true;
    if (char === ' ') {
      if (at === 0) leadingSpace = true;
      if (last) trailingSpace = true;
      if (previousBreak) breakSpace = true;
      [previousSpace, previousBreak] = [true, false];
    } else if (isBreak) {
      if (at === 0) leadingBreak = true;
      if (last) trailingBreak = true;
      if (previousSpace) spaceBreak = true;
      [previousSpace, previousBreak] = [false, true];
    } else [previousSpace, previousBreak] = [false, false];
    preceded = /[\s]/.test(char);
  });
  const odd = spaceBreak || special;
  return {
    multiline: lineBreaks,
    plainAllowed: !(
      leadingSpace ||
      leadingBreak ||
      trailingSpace ||
      trailingBreak ||
      breakSpace ||
      odd ||
      lineBreaks ||
      indicators
    ),
    singleAllowed: !breakSpace && !odd,
    blockAllowed: !trailingSpace && !odd,
  };
}

const words = new Set(
  ['', '~', 'null', 'Null', 'NULL', '<<', '.nan', '.NaN', '.NAN']
    .concat(['true', 'True', 'TRUE', 'false', 'False', 'FALSE'])
    .concat(['y', 'Y', 'yes', 'Yes', 'YES', 'n', 'N', 'no', 'No', 'NO', 'on', 'On', 'ON', 'off', 'Off', 'OFF'])
    .concat(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF']),
);
const numbers = [
  /^[-+]?(0|[1-9][0-9_]*)$/,
  /^[-+]?0[0-7_]+$/,
  /^[-+]?0b[01_]+$/,
  /^[-+]?0o[0-7_]+$/,
  /^[-+]?0x[0-9a-fA-F_]+$/,
  /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/,
  /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/,
];
const date = /^\d{4}-\d\d?-\d\d?([Tt ]\d\d?:\d\d:\d\d(\.\d+)?\s*(Z|[-+]\d\d?(:\d\d)?)?)?$/;

/** Whether a reader takes the bare text for a string: not for a number, a boolean, a time. */
export function resolvesToString(value: string): boolean {
  return !words.has(value) && !date.test(value) && !numbers.some((pattern) => pattern.test(value));
}

/** Where a scalar begins, and whether its lines may be folded. */
export interface Place {
  readonly indent: number;
  readonly column: number;
  readonly fold: boolean;
}

/** Breaks a line at single blanks past the 80th column. */
function folded(chars: readonly string[], write: (char: string) => string, place: Place): string {
  let { column } = place;
  let text = '';
  let spaces = false;
  chars.forEach((char, at) => {
    if (char === ' ') {
      const inside = at > 0 && at < chars.length - 1;
      if (place.fold && !spaces && column > bestWidth && inside && chars[at + 1] !== ' ') {
        text += `\n${' '.repeat(place.indent)}`;
        column = place.indent;
      } else {
        text += ' ';
        column++;
      }
      spaces = true;
    } else {
      const written = write(char);
      text += written;
      column += [...written].length;
      spaces = false;
    }
  });
  return text;
}

export function plain(value: string, place: Place): string {
  return folded([...value], (char) => char, place);
}

export function singleQuoted(value: string, place: Place): string {
  const write = (char: string): string =>
    char === "'" ? "''" : char === '\n' ? `\n${' '.repeat(place.indent)}` : char;
  const [first, ...rest] = value.split('\n');
  const start = folded([...(first ?? '')], write, { ...place, column: place.column + 1 });
  // A line break is written twice: one alone would be folded to a blank.
  const more = rest.map((line, at) => {
    const doubled = at === 0 || rest[at - 1] !== '' ? '\n\n' : '\n';
    return doubled + (line === '' ? '' : ' '.repeat(place.indent) + line.replaceAll("'", "''"));
  });
  return `'${start}${more.join('')}'`;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

export function doubleQuoted(value: string, place: Place): string {
  let text = '"';
  let column = place.column + 1;
  let spaces = false;
  const chars = [...value];
  chars.forEach((char, at) => {
    const sequence = escapes[char] ?? (printable.test(char) && char !== '\ufeff' ? undefined : hexEscape(char));
    if (sequence !== undefined) {
      text += sequence;
      column += sequence.length;
      spaces = false;
    } else if (char === ' ') {
      if (place.fold && !spaces && column > bestWidth && at > 0 && at < chars.length - 1) {
        text += `\n${' '.repeat(place.indent)}${chars[at + 1] === ' ' ? '\\' : ''}`;
        column = place.indent;
      } else {
        text += ' ';
        column++;
      }
      spaces = true;
    } else {
      text += char;
      column++;
      spaces = false;
    }
  });
  return `${text}"`;
}

function hexEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = (length: number): string => code.toString(16).toUpperCase().padStart(length, '0');
  return code <= 0xff ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}
