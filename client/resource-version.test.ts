import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isOlder } from './resource-version.ts';

const cases: readonly [one: string | undefined, other: string | undefined, older: boolean][] = [
  ['9', '10', true],
  ['10', '9', false],
  ['10', '10', false],
  ['99999999999999999998', '99999999999999999999', true],
  ['0', '5', false],
  ['', '5', false],
  [undefined, '5', false],
  ['5', undefined, false],
  ['a5', 'a6', false],
];

it('resource versions are compared as numbers, and others not at all', () => {
  for (const [one, other, older] of cases) assert.equal(isOlder(one, other), older, `${one} before ${other}`);
});
