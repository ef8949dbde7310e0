/** One line of a Corefile, with the block that it opens. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[];
  readonly line: number;
}

/** A Corefile that can't be understood; the message begins with the place, as CoreDNS's does. */
export class CorefileError extends Error {
  override readonly name = 'CorefileError';
}

/** Reads a Corefile, the configuration file of CoreDNS: a directive per line, `#` comments, blocks in braces. Throws {@link CorefileError}. */
export function parseCorefile(text: string): Directive[] {
  const lines = text.split('\n').map((line, index) => ({ words: wordsOf(line), line: index + 1 }));
  const { directives } = readBlock(lines, { from: 0, nested: false });
  return directives;
}

interface Line {
  readonly words: readonly string[];
  readonly line: number;
}

function readBlock(
  lines: readonly Line[],
  { from, nested }: { from: number; nested: boolean },
): { directives: Directive[]; next: number } {
  const directives: Directive[] = [];
  let at = from;
  for (let current = lines[at]; current !== undefined; current = lines[at]) {
    const { words, line } = current;
    at += 1;
    const [name, ...args] = words;
    if (name === undefined) continue;
    if (name === '}') {
      if (nested && args.length === 0) return { directives, next: at };
      throw new CorefileError(`Corefile:${line} - Error during parsing: Unexpected '}'`);
    }
    if (args.at(-1) !== '{') {
      directives.push({ name, args, block: [], line });
      continue;
    }
    const inner = readBlock(lines, { from: at, nested: true });
    directives.push({ name, args: args.slice(0, -1), block: inner.directives, line });
    at = inner.next;
  }
  if (nested) throw new CorefileError(`Corefile:${lines.length} - Error during parsing: Unexpected EOF, expecting '}'`);
  return { directives, next: at };
}

function wordsOf(line: string): string[] {
  const [before = ''] = line.split(/(?:^|\s)#/);
  return [...before.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
