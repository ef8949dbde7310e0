import { Lexer, Parser, parseDocument, type YAMLParseError } from 'yaml';
import { maxNesting, tooDeep } from './nesting.ts';

/** What YAML holds, and the keys that its maps repeat, in the words of kube-apiserver's strict parser. */
export interface ReadYaml {
  readonly value: unknown;
  readonly repeated: readonly string[];
}

/**
 * Reads YAML 1.1, as kube-apiserver does: a bare `y` is true, and the last one of repeated keys counts. Throws 400 where it is nested
 * too deeply.
 */
export function readYaml(text: string): ReadYaml {
  checkNesting(text);
  const document = parseDocument(text, { version: '1.1', merge: true, strict: true });
  const [broken] = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  if (broken) throw broken;
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return { value, repeated: document.errors.map((error) => repeatedKey(text, error)) };
}

function repeatedKey(text: string, { pos, linePos }: YAMLParseError): string {
  const [, key = ''] = /^["']?([^"':\n]*)/.exec(text.slice(pos[0])) ?? [];
  return `yaml: unmarshal errors: line ${linePos?.[0].line}: key ${JSON.stringify(key)} already set in map`;
}

function checkNesting(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Lets the parser go on: its stack holds what the text is within.
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > maxNesting) throw tooDeep();
  }
}
