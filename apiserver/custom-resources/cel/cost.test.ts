import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema } from '../schema/json-schema.ts';
import { costOf } from './cost.ts';
import { compileRules } from './rules.ts';

type Schema = (max?: number) => JsonSchema;

const number: JsonSchema = { type: 'number' };
const text: JsonSchema = { type: 'string' };
const pair: JsonSchema = { type: 'object', properties: { required: text, optional: text }, required: ['required'] };
const formatted = (format: string): JsonSchema => ({ type: 'string', format });
const intOrString: JsonSchema = { 'x-kubernetes-int-or-string': true };

const list =
  (items: JsonSchema): Schema =>
  (max) => ({ type: 'array', items, ...(max !== undefined && { maxItems: max }) });
const map =
  (values: JsonSchema): Schema =>
  (max) => ({ type: 'object', additionalProperties: values, ...(max !== undefined && { maxProperties: max }) });
const string =
  (more: JsonSchema = {}): Schema =>
  (max) => ({ type: 'string', ...more, ...(max !== undefined && { maxLength: max }) });

const within =
  (outer: (inner: JsonSchema) => Schema, inner: Schema): Schema =>
  (max) =>
    outer(inner(max))(max);
const fields =
  (names: readonly string[], inner: Schema): Schema =>
  (max) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, inner(max)])) });

/** What upstream's estimator gives of a rule, without a bound and with one. */
const costs: readonly (readonly [rule: string, schema: Schema, unbound: number, max: number, bound: number])[] = [
  ['self.all(x, true)', list(number), 4718591, 10, 32],
  ['self.all(x, true)', list(text), 3145727, 20, 62],
  ['self.all(x, true)', list({ type: 'boolean' }), 1887437, 5, 17],
  ['self.all(x, true)', list(list(number)()), 3145727, 100, 302],
  ['self.all(x, true)', list(pair), 555128, 50, 152],
  ['self.all(x, true)', list(intOrString), 4718591, 10, 32],
  ['self.all(x, true)', list(formatted('duration')), 2359295, 5, 17],
  ['self.all(x, true)', list(formatted('date')), 725936, 15, 47],
  ['self.all(x, true)', list(formatted('date-time')), 428963, 25, 77],
  ['self.all(x, true)', map(number), 1348169, 10, 32],
  ['self.all(x, true)', map(text), 1179647, 3, 11],
  ['self.all(x, true)', map({ type: 'boolean' }), 943718, 100, 302],
  ['self.all(x, true)', map(intOrString), 1348169, 15, 47],
  ['self.all(x, true)', map(pair), 428963, 20, 62],
  ['self.all(x, true)', map(map(number)()), 1179647, 10, 32],
  ['self.all(x, true)', map(list(number)()), 1179647, 25, 77],
  ['self.all(x, true)', map(formatted('duration')), 1048577, 5, 17],
  ['self.all(x, true)', map(formatted('date')), 524288, 10, 32],
  ['self.all(x, true)', map(formatted('date-time')), 349526, 25, 77],
  ['self.all(x, x == 0.0)', list(number), 6291454, 6291456, 25165826],
  ['self.all(x, x.y == 25.2)', list(map(number)()), 6291452, 12, 74],
  ['self.all(x, x.contains(self[x]))', within(map, string()), 2752507, 10, 72],
  ['self.all(x, x["y"].required == "z")', list(map(pair)()), 7340027, 10, 72],
  ['self.all(x, self.all(y, true))', list(number), 7421701914624, 10, 352],
  ['self.contains("test")', string(), 314574, 10, 5],
  ['self.contains("A")', string({ enum: ['A', 'B', 'C', 'LongValue'] }), 2, 1000, 401],
  ['self.startsWith("test")', string(), 2, 15, 2],
  ['self.endsWith("test")', string(), 2, 30, 2],
  ['size(self + "hello") > size("hello")', string(), 314578, 4, 7],
  ['self == "x"', string(), 2, 0, 1],
  ['self == b"x"', string({ format: 'byte' }), 2, 0, 1],
  ['self.matches("x")', string(), 314574, 50, 22],
  ['"".matches("(((((((((())))))))))[0-9]")', string(), 7, 10, 7],
  ['self.matches("")', string(), 1, 100, 1],
  ['self.find("[0-9]+") == ""', string(), 629147, 10, 11],
  ['self.lowerAscii() == "lower!"', string(), 314575, 10, 6],
  ['self.join(" ") == "aa bb"', within(list, string()), 329853068905, 10, 43],
  ['self.isSorted() == true', within(list, string()), 329854432052, 10, 52],
  ['self.str.split(self.separator) == []', fields(['str', 'separator'], string()), 629160, 10, 22],
  ['self[1] == 0.0', list(number), 2, 5000, 2],
  ['self[1] == self[1]', list(text), 314577, 8, 314577],
  ['self["x"] == 0.0', map(number), 2, 0, 2],
  ['self[0] == 5', list(intOrString), 3, 10, 3],
  ['self[0] == null', list(pair), 2, 422, 2],
  ['self[0][0] == -1.0', list(list(number)()), 3, 51, 3],
  ['self[0].x > 2.0', list(map(number)()), 4, 3000, 4],
  ['self[0].getHours() == 2', list(formatted('duration')), 4, 525, 4],
  ['self[2].getMinutes() == 45', list(formatted('date-time')), 4, 99, 4],
  ['oldSelf.size() == self.size()', map({ type: 'integer' }), 5, 10, 5],
  ['self["a"] == self["b"]', map(formatted('date-time')), 8, 7, 8],
  ['self["c"] == self["d"]', map(formatted('duration')), 8, 42, 8],
];

for (const [rule, schema, unbound, max, bound] of costs) {
  const weigh = (of: JsonSchema): number => {
    const [compiled] = compileRules({ ...of, 'x-kubernetes-validations': [{ rule }] }, { resource: false }).rules;
    assert.ok(compiled?.holds, compiled?.fault);
    return costOf(compiled.holds.ast, of, { resource: false });
  };
  const type = JSON.stringify(schema());
  test(`the cost of ${rule} of ${type}`, () => assert.equal(weigh(schema()), unbound));
  test(`the cost of ${rule} of ${type} of ${max} at most`, () => assert.equal(weigh(schema(max)), bound));
}
