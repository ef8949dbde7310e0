import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goJson } from './go-json.ts';

test('JSON has its names in order, and nothing that HTML would read', () => {
  assert.equal(
    goJson({ b: [{ d: 1, c: null }], a: '<&>\u2028' }),
    '{"a":"\\u003c\\u0026\\u003e\\u2028","b":[{"c":null,"d":1}]}',
  );
});
