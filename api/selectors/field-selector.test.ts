import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldSelector } from './field-selector.ts';

const fields: Record<string, string> = { 'metadata.name': 'a', 'spec.nodeName': '', 'spec.odd': 'a,b=c' };
const read = (path: string): string => fields[path] ?? '';
const cases: Record<string, boolean> = {
  '': true,
  'metadata.name=a': true,
  'metadata.name==a,spec.nodeName=': true,
  'metadata.name!=a': false,
  'spec.odd=a\\,b\\=c': true,
};
for (const [text, expected] of Object.entries(cases)) {
  test(`the field selector "${text}" ${expected ? 'selects' : 'does not select'} the object`, () => {
    const selector = FieldSelector.parse(text);
    assert.equal(selector.matches(read), expected);
    assert.equal(FieldSelector.parse(String(selector)).matches(read), expected);
  });
}

for (const text of ['metadata.name', 'a=b=c', 'a=b\\x']) {
  test(`the field selector "${text}" is refused`, () => {
    assert.throws(() => FieldSelector.parse(text), { name: 'SelectorError' });
  });
}
