import { CommandError } from '../failure.ts';

/** A step of a path, or a piece of a template. */
export type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'path'; readonly steps: readonly Step[] }
  | { readonly is: 'range'; readonly over: readonly Step[]; readonly body: readonly Node[] }
  | { readonly is: 'literal'; readonly value: string | number | boolean };

export type Step =
  | { readonly is: 'root' }
  | { readonly is: 'field'; readonly name: string }
  | { readonly is: 'wildcard' }
  | { readonly is: 'recursive' }
  | {
      readonly is: 'slice';
      readonly from?: number;
      readonly to?: number;
      readonly step?: number;
      readonly single: boolean;
    }
  | { readonly is: 'union'; readonly paths: readonly (readonly Step[])[] }
  | { readonly is: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand };

export type Operand = { readonly steps: readonly Step[] } | { readonly value: string | number | boolean | null };

/** Reads a template of kubectl's JSONPath (Kubernetes documentation, "JSONPath Support"): text with expressions in braces. */
export function parseTemplate(template: string): Node[] {
  const pieces = piecesOf(template);
  const { nodes, rest } = nodesUntilEnd(pieces, template, false);
  if (rest.length > 0) fault(template, 'not in range, nothing to end');
  return nodes;
}

type Piece = { readonly text: string } | { readonly expression: string };

function fault(template: string, why: string): never {
  throw new CommandError(`error parsing jsonpath ${template}, ${why}`);
}

function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open < 0) return [...pieces, { text: rest }];
    if (open > 0) pieces.push({ text: rest.slice(0, open) });
    const close = closingBrace(rest, open);
    if (close < 0) fault(template, 'unclosed action');
    pieces.push({ expression: rest.slice(open + 1, close).trim() });
    rest = rest.slice(close + 1);
  }
  return pieces;
}

function closingBrace(text: string, open: number): number {
  let quote = '';
  for (let at = open + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === '\\') at++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '}') return at;
  }
  return -1;
}

function nodesUntilEnd(
  pieces: readonly Piece[],
  template: string,
  inRange: boolean,
): { nodes: Node[]; rest: readonly Piece[] } {
  const nodes: Node[] = [];
  let rest = pieces;
  for (;;) {
    const [piece, ...more] = rest;
    if (piece === undefined) {
      if (inRange) fault(template, 'unclosed range, a {end} is missing');
      return { nodes, rest: [] };
    }
    rest = more;
    if ('text' in piece) nodes.push({ is: 'text', text: piece.text });
    else if (piece.expression === 'end') {
      if (!inRange) fault(template, 'not in range, nothing to end');
      return { nodes, rest };
    } else if (/^range\s/.test(piece.expression)) {
      const over = parseSteps(piece.expression.replace(/^range\s+/, ''), template);
      const inner = nodesUntilEnd(rest, template, true);
      nodes.push({ is: 'range', over, body: inner.nodes });
      rest = inner.rest;
    } else nodes.push(...expressionsOf(piece.expression, template));
  }
}

/** An expression: a quoted text, a number, a path, or several with blanks between. */
function expressionsOf(expression: string, template: string): Node[] {
  const nodes: Node[] = [];
  let rest = expression;
  while (rest !== '') {
    const quoted = /^"((?:[^"\\]|\\.)*)"\s*|^'((?:[^'\\]|\\.)*)'\s*/.exec(rest);
    const number = /^-?\d+(\.\d+)?(?=\s|$)\s*/.exec(rest);
    if (quoted) nodes.push({ is: 'text', text: unquote(quoted[1] ?? quoted[2] ?? '') });
    else if (number) nodes.push({ is: 'literal', value: Number(number[0]) });
    else {
      const length = pathLength(rest);
      nodes.push({ is: 'path', steps: parseSteps(rest.slice(0, length), template) });
      rest = rest.slice(length).trimStart();
      continue;
    }
    rest = rest.slice((quoted ?? number)?.[0].length);
  }
  return nodes;
}

/** Up to the first blank that is in no brackets. */
function pathLength(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '[' || char === '(') depth++;
    else if (char === ']' || char === ')') depth--;
    else if (char === '\\') at++;
    else if (depth === 0 && /\s/.test(char ?? '')) return at;
  }
  return text.length;
}

const unquote = (text: string): string =>
  text.replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);

/** The steps of one path: `.items[0].metadata.name`, `$.a`, `..b`, `['c.d']`. */
export function parseSteps(path: string, template = path): Step[] {
  const steps: Step[] = [];
  let rest = path.trim();
  while (rest !== '') {
    const taken = stepOf(rest, steps, template);
    rest = rest.slice(taken);
  }
  return steps;
}

/** Adds the step that the text begins with, and answers with its length. */
function stepOf(text: string, steps: Step[], template: string): number {
  if (text.startsWith('$')) {
    steps.push({ is: 'root' });
    return 1;
  }
  if (text.startsWith('@')) return 1;
  if (text.startsWith('..')) {
    steps.push({ is: 'recursive' });
    return text[2] === '[' || text[2] === '*' ? 2 : 1;
  }
  if (text.startsWith('[')) {
    const close = closingBracket(text);
    if (close < 0) fault(template, 'unterminated array');
    steps.push(bracketStep(text.slice(1, close).trim(), template));
    return close + 1;
  }
  if (text.startsWith('.*') || text.startsWith('*')) {
    steps.push({ is: 'wildcard' });
    return text.startsWith('*') ? 1 : 2;
  }
  const dot = text.startsWith('.') ? 1 : 0;
  const name = /^(?:\\.|[^.[\]\s\\])*/.exec(text.slice(dot))?.[0] ?? '';
  if (name === '') {
    if (dot === 1) return 1;
    fault(
      template,
      `unrecognized character in action: U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${text[0]}'`,
    );
  }
  steps.push({ is: 'field', name: name.replace(/\\(.)/g, '$1') });
  return dot + name.length;
}

function closingBracket(text: string): number {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === '\\') at++;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth++;
    else if (char === ']' && --depth === 0) return at;
  }
  return -1;
}

function bracketStep(inside: string, template: string): Step {
  if (inside === '*') return { is: 'wildcard' };
  const filter = /^\?\((.*)\)$/s.exec(inside);
  if (filter) return filterStep(filter[1]?.trim() ?? '', template);
  const quoted = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(inside);
  // What is quoted is a path itself: dots that belong to a name are escaped there too.
  if (quoted) return { is: 'union', paths: [parseSteps(`.${quoted[1] ?? quoted[2] ?? ''}`, template)] };
  const slice = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inside);
  if (slice && inside !== '') {
    const [, from, to, step] = slice;
    return {
      is: 'slice',
      single: to === undefined,
      ...(from && { from: Number(from) }),
      ...(to && { to: Number(to) }),
      ...(step && { step: Number(step) }),
    };
  }
  if (inside.includes(',')) {
    return { is: 'union', paths: inside.split(',').map((part) => unionPart(part.trim(), template)) };
  }
  return fault(template, `invalid array index ${inside}`);
}

const unionPart = (part: string, template: string): Step[] =>
  /^['"]|^-?\d|^\*/.test(part) ? [bracketStep(part, template)] : parseSteps(part, template);

function filterStep(text: string, template: string): Step {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(text);
  if (!match) return { is: 'filter', left: operandOf(text, template), operator: 'exists' };
  const [, left = '', operator = '', right = ''] = match;
  return { is: 'filter', left: operandOf(left, template), operator, right: operandOf(right, template) };
}

function operandOf(text: string, template: string): Operand {
  const quoted = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(text);
  if (quoted) return { value: unquote(quoted[1] ?? quoted[2] ?? '') };
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) };
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  if (text === 'null') return { value: null };
  return { steps: parseSteps(text, template) };
}
