import { Lexer, Parser, parse } from 'yaml';
import { maxNesting, tooDeep } from './nesting.ts';

/** Reads YAML 1.1, as kube-apiserver does: a bare `y` is true. Throws 400 where it is nested too deeply. */
export function readYaml(text: string): unknown {
  checkNesting(text);
  return parse(text, { version: '1.1', merge: true, strict: true, maxAliasCount: 100, uniqueKeys: false });
}

function checkNesting(text: string): void {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Lets the parser go on: its stack holds what the text is within.
    for (const _token of parser.next(lexeme));
    if (parser.stack.length > maxNesting) throw tooDeep();
  }
}
