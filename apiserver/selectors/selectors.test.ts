import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

const labels = { app: 'x', 'example.com/size': '3', empty: '' };

const holding: Record<string, boolean> = {
  '': true,
  'app=x': true,
  'app==y': false,
  'app!=y,app': true,
  'none!=y': true,
  'app in (x, y)': true,
  'app notin (x,y)': false,
  'none notin (x)': true,
  '!none': true,
  '!app': false,
  'example.com/size>2': true,
  'example.com/size<3': false,
  'empty=': true,
  'empty=,app=x': true,
  'app in ()': false,
};
for (const [text, expected] of Object.entries(holding)) {
  test(`the label selector "${text}" ${expected ? 'selects' : 'does not select'}`, () => {
    assert.equal(parseLabelSelector(text)(labels), expected);
  });
}

for (const text of ['a b', 'app in x', 'app in (x', 'app=a b!', '=x', 'app>x', ',', 'Bad/Prefix/x=1', '!']) {
  test(`the label selector "${text}" is refused with 400`, () =>
    assert.throws(() => parseLabelSelector(text), { code: 400 }));
}

test('field selectors read the fields that the kind offers', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a,b', namespace: 'n' } };
  const fields = { 'status.phase': () => 'Running' };
  const selects = (text: string) => parseFieldSelector(text, fields)(object);
  assert.equal(selects('metadata.name=a\\,b,metadata.namespace==n'), true);
  assert.equal(selects('status.phase!=Running'), false);
  assert.throws(() => selects('spec.none=x'), { code: 400, message: 'field label not supported: spec.none' });
  assert.throws(() => selects('status.phase'), { code: 400 });
});
