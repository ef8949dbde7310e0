const compiled = new Map<string, RegExp | undefined>();

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Writes an expression of Go's RE2 as JavaScript has it: flags at its beginning, anchors, classes of POSIX, names of groups. */
function translate(expression: string): { source: string; flags: string } {
  const [head = '', flags = ''] = /^\(\?([ims]+)\)/.exec(expression) ?? [];
  const source = expression
    .slice(head.length)
    .replace(/\[:(\^?)(\w+):\]/g, (whole, _negated: string, name: string) => posixClasses[name] ?? whole)
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\(\?P</g, '(?<');
  return { source, flags };
}

function compile(expression: string): RegExp | undefined {
  // Lookaround and backreferences are no part of RE2.
  if (/\(\?<?[=!]|\\[1-9]/.test(expression)) return undefined;
  const { source, flags } = translate(expression);
  for (const dialect of [`u${flags}`, flags]) {
    try {
      return new RegExp(source, dialect);
    } catch {
      // The strict dialect refuses escapes that RE2 takes; the lax one has the last word.
    }
  }
  return undefined;
}

/** A `pattern` as an expression of this language; undefined where it is no regular expression of RE2. */
export function patternOf(expression: string): RegExp | undefined {
  if (!compiled.has(expression)) {
    if (compiled.size > 10_000) compiled.clear();
    compiled.set(expression, compile(expression));
  }
  return compiled.get(expression);
}
