import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, parseYaml } from './body.ts';

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
const tooDeep = { code: 400, message: /^exceeded max depth/ };

test('JSON that is nested too deeply is refused before it is parsed', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    assert.throws(() => parseJson(nested(1_000_000, open, `${open === '[' ? '' : '0'}${close}`)), tooDeep);
  }
  assert.equal(JSON.stringify(parseJson(nested(400))), nested(400));
});

test('brackets in strings are no nesting', () => {
  const text = JSON.stringify({ a: `"${'{['.repeat(1000)}\\`, b: '\\"' });
  assert.deepEqual(parseJson(text), JSON.parse(text));
  const siblings = `[${Array(1000).fill('{"a":[]}').join(',')}]`;
  assert.deepEqual(parseJson(siblings), JSON.parse(siblings));
});

test('YAML that is nested too deeply is refused before it is composed', async () => {
  const block = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
  for (const text of ['['.repeat(1_000_000), '{a: '.repeat(10_000), '- '.repeat(100_000), block]) {
    await assert.rejects(parseYaml(text), tooDeep, text.slice(0, 20));
  }
  const flat = `a: "${'[{'.repeat(1000)}"\nb: |\n  ${'[[{{'.repeat(1000)}\nc:\n${'- [a, b]\n'.repeat(1000)}`;
  const { c } = (await parseYaml(flat)).value as { c: unknown[] }; // as the text says
  assert.equal(c.length, 1000);
});

test('what is no JSON or YAML is 400', async () => {
  for (const text of ['{', '{"a":1,}', '"', '"\\', 'nope']) assert.throws(() => parseJson(text), { code: 400 }, text);
  await assert.rejects(parseYaml('a: [1'), { code: 400 });
});

test('YAML tells the keys that it repeats, of which the last counts', async () => {
  assert.deepEqual(await parseYaml('a: y\nb:\n  c: 1\n  "c": 2\na: n\n'), {
    value: { a: false, b: { c: 2 } },
    repeated: [
      'yaml: unmarshal errors: line 4: key "c" already set in map',
      'yaml: unmarshal errors: line 5: key "a" already set in map',
    ],
  });
});
