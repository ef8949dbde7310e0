import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinPieces } from './terminal-leftovers.ts';

/** As crun writes them. */
const pieces = (...texts: string[]): Buffer => Buffer.from(texts.map((text) => `${text}\n`).join(''));
const whole = 'x'.repeat(254);

const cases: [title: string, log: Buffer, text: string][] = [
  ['nothing', Buffer.alloc(0), ''],
  ['one piece', pieces('hello\r\n'), 'hello\r\n'],
  ['a prompt', pieces('one\r\nname? '), 'one\r\nname? '],
  ['newlines as they are', pieces('one\ntwo\n'), 'one\ntwo\n'],
  ['whole pieces, cut between the two ends of a line', pieces(`${whole}\r`, '\nend\r\n'), `${whole}\r\nend\r\n`],
  ['a whole piece that ends with a newline', pieces(`${whole}\n`, 'end'), `${whole}\nend`],
  ['a short piece before others', pieces('one\r\n', 'two\r\n'), 'one\r\ntwo\r\n'],
  ['a short piece in the middle of a line', pieces('one\r\ntw', 'o\r\n'), 'one\r\ntwo\r\n'],
];

for (const [title, log, text] of cases)
  test(`what crun left of a terminal's text: ${title}`, () => assert.equal(joinPieces(log).toString(), text));
