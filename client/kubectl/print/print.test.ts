import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goJson } from './go-json.ts';
import { JsonPath } from './json-path.ts';
import { describeTabs, TabWriter, tableTabs } from './tab-writer.ts';
import { toYaml } from './yaml.ts';

describe('the tab writer', () => {
  it('lines up cells with those right above and below', () => {
    const text = 'Name:\ta\nLonger name:\tb\nTitle\n  x\ty\tz\n';
    assert.equal(new TabWriter(describeTabs).format(text), 'Name:         a\nLonger name:  b\nTitle\n  x  y  z\n');
  });

  it('keeps the columns of a table as wide as they once were', () => {
    const tabs = new TabWriter(tableTabs);
    assert.equal(tabs.format('NAME\tAGE\nlong-name\t1s\n'), 'NAME        AGE\nlong-name   1s\n');
    assert.equal(tabs.format('a\t2s\n'), 'a           2s\n');
  });
});

describe('YAML', () => {
  it('is written as kubectl writes it', () => {
    const value = {
      b: 1,
      a10: 'x',
      a9: [{ name: 'n', list: [] }, 'plain', ['nested']],
      bool: 'true',
      number: '8080',
      date: '2026-01-01',
      colon: 'a: b',
      block: 'one\ntwo\n',
      open: 'one\ntwo',
      long: `${'word '.repeat(20)}end`,
      quote: "it's",
      tab: 'a\tb',
      none: null,
      nothing: {},
    };
    assert.equal(
      toYaml(value),
      `a9:
- list: []
  name: "n"
- plain
- - nested
a10: x
b: 1
block: |
  one
  two
bool: "true"
colon: 'a: b'
date: "2026-01-01"
long: word word word word word word word word word word word word word word word word
  word word word word end
none: null
nothing: {}
number: "8080"
open: |-
  one
  two
quote: it's
tab: "a\\tb"
`,
    );
  });
});

describe('JSON', () => {
  it('has its members in order and escapes what means something to HTML', () => {
    assert.equal(goJson({ b: '<&>', 10: 1, 9: [], a: {} }), '{"10":1,"9":[],"a":{},"b":"\\u003c\\u0026\\u003e"}');
    assert.equal(goJson({ a: [1] }, '  '), '{\n  "a": [\n    1\n  ]\n}');
  });
});

describe('JSONPath', () => {
  const object = {
    items: [
      { name: 'a', port: 80, labels: { 'x.y': 'dotted' }, ready: true },
      { name: 'b', port: 443, labels: {}, ready: false },
    ],
  };
  const cases: Record<string, string> = {
    '{.items[*].name}': 'a b',
    '{.items[0].name}-{.items[-1:].name}': 'a-b',
    '{.items[?(@.port>100)].name}': 'b',
    '{.items[?(@.name=="a")].port}': '80',
    '{.items[?(@.labels.x\\.y)].name}': 'a',
    '{range .items[*]}{.name}{"\\n"}{end}': 'a\nb\n',
    "{.items[0].labels['x\\.y']}": 'dotted',
    "{.items[*]['name','port']}": 'a b 80 443',
    '{.items[0].labels}': '{"x.y":"dotted"}',
    '{..port}': '80 443',
    '{.nope}': '',
    '{$.items[1].ready}': 'false',
    text: 'text',
  };
  for (const [template, expected] of Object.entries(cases)) {
    it(template, () => {
      const found = new JsonPath(template).format(object);
      if (template.includes("['name'")) assert.equal(found.split(' ').toSorted().join(' '), '443 80 a b');
      else assert.equal(found, expected);
    });
  }

  it('says what is wrong with a template', () => {
    for (const template of ['{.a', '{range .a}{.b}', '{end}', '{.a[}'])
      assert.throws(() => new JsonPath(template), /jsonpath/);
  });
});
