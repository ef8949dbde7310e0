import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quantity } from './quantity.ts';

const canonical: Record<string, string> = {
  '500m': '500m',
  '1000m': '1',
  '0.5': '500m',
  '1.5Gi': '1536Mi',
  '1024Mi': '1Gi',
  '0.5Ki': '512',
  '1000': '1k',
  '1E': '1E',
  '12e6': '12e6',
  '0.1n': '1n',
  '-1.': '-1',
  '0Mi': '0',
};
for (const [given, expected] of Object.entries(canonical)) {
  test(`the quantity ${given} is written ${expected}`, () => assert.equal(String(Quantity.parse(given)), expected));
}

for (const text of ['', 'x', '1 Gi', '1gi', '1KI', '.', '1e', '--1']) {
  test(`"${text}" is no quantity`, () => assert.throws(() => Quantity.parse(text), /malformed/));
}

test('quantities add and compare exactly', () => {
  const sum = Quantity.parse('0.1').add(Quantity.parse('200m'));
  assert.equal(String(sum), '300m');
  assert.equal(sum.compare(Quantity.parse('0.3')), 0);
  assert.ok(Quantity.parse('1Gi').compare(Quantity.parse('1G')) > 0);
  assert.equal(Quantity.parse('1500m').toBigInt(), 2n);
  assert.equal(Quantity.parse('1.5').toMilli(), 1500n);
});
