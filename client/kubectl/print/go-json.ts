/** Go orders the members of a map by the bytes of their names. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** JSON as Go writes it: members in order, characters that mean something to HTML escaped. */
export function goJson(value: unknown, indent = ''): string {
  return written(value, indent, '');
}

function written(value: unknown, indent: string, margin: string): string {
  const inner = margin + indent;
  const [open, close, colon] = indent ? [`\n${inner}`, `\n${margin}`, ': '] : ['', '', ':'];
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[${open}${value.map((item) => written(item, indent, inner)).join(`,${open}`)}${close}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) return '{}';
    const lines = members
      .sort(([a], [b]) => byBytes(a, b))
      .map(([name, member]) => `${text(name)}${colon}${written(member, indent, inner)}`);
    return `{${open}${lines.join(`,${open}`)}${close}}`;
  }
  return typeof value === 'string' ? text(value) : (JSON.stringify(value) ?? 'null');
}

const text = (value: string): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => htmlEscapes[char] ?? char);
