import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelSelector } from './label-selector.ts';
import { validateLabelSelector } from './label-selector-rules.ts';

const labels = { app: 'x', env: 'prod', n: '5' };
const cases: Record<string, boolean> = {
  '': true,
  'app=x': true,
  'app==x,env=prod': true,
  'app!=x': false,
  'absent!=x': true,
  'app in (x, y)': true,
  'app notin (x)': false,
  'absent notin (x)': true,
  'app in ()': false,
  app: true,
  '!app': false,
  '!absent,app': true,
  'app=,env': false,
  'n>4': true,
  'n<5': false,
  'app>1': false,
  'example.com/part=x': false,
};
for (const [text, expected] of Object.entries(cases)) {
  test(`the label selector "${text}" ${expected ? 'selects' : 'does not select'} the object`, () => {
    assert.equal(LabelSelector.parse(text).matches(labels), expected);
  });
}

for (const text of [
  'app in x',
  'a b',
  'app=a b!',
  'app in (x',
  'a/b/c=d',
  'n>x',
  '=x',
  'app=(x)',
  'app,',
  ',app',
  'app,,env',
  '!app=x',
]) {
  test(`the label selector "${text}" is refused`, () => {
    assert.throws(() => LabelSelector.parse(text), { name: 'SelectorError' });
  });
}

test('an empty selector object selects everything, an absent one nothing', () => {
  assert.equal(LabelSelector.from({}).matches({}), true);
  assert.equal(LabelSelector.from(undefined).matches(labels), false);
});

test('a selector writes itself as it is parsed', () => {
  const selector = LabelSelector.from({
    matchLabels: { b: '1' },
    matchExpressions: [
      { key: 'a', operator: 'In', values: ['z', 'y'] },
      { key: 'c', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(String(selector), 'a in (y,z),b=1,!c');
});

test('the rules of a selector object name each wrong part', () => {
  const wrong = {
    matchLabels: { 'a b': 'x' },
    matchExpressions: [
      { key: 'k', operator: 'In' },
      { key: 'k', operator: 'Near' },
    ],
  };
  assert.deepEqual(
    validateLabelSelector(wrong, 's').map(({ reason, field }) => `${reason} ${field}`),
    [
      'FieldValueInvalid s.matchLabels',
      'FieldValueRequired s.matchExpressions[0].values',
      'FieldValueInvalid s.matchExpressions[1].operator',
    ],
  );
});
