import { isDeepStrictEqual } from 'node:util';
import type { ParseResult } from '@marcbachmann/cel-js';
import { duplicate, forbiddenField, invalidValue, omittedValue, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { membersOf } from '../json-path.ts';
import { aligned } from '../schema/align.ts';
import { type Before, itemBefore, memberBefore } from '../schema/correlate.ts';
import { isMap, itemsOf, type JsonSchema, memberOf, someSchema, type ValidationRule } from '../schema/json-schema.ts';
import { wholeObject } from '../schema/validate.ts';
import { newEnvironment } from './engine.ts';
import { plainer } from './macros.ts';
import { senselessness } from './sense.ts';
import { CelTypes } from './types.ts';

/** A rule, ready to run; `fault` and `messageFault` say why it, or its messageExpression, cannot. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly usesOldSelf: boolean;
  readonly fault: string | undefined;
  readonly messageFault: string | undefined;
  readonly holds: ParseResult | undefined;
  readonly message: ParseResult | undefined;
}

interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  convert(value: unknown): unknown;
  /** Wraps what may be absent. */
  optional(value: unknown): unknown;
}

const compiled = new WeakMap<JsonSchema, CompiledRules>();

const withoutTexts = (expression: string): string => expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
const mentionsOldSelf = (expression: string | undefined): boolean => /\boldSelf\b/.test(withoutTexts(expression ?? ''));

/** Compiles the rules of one schema (not of those inside it), once. */
export function compileRules(schema: JsonSchema, options: { resource: boolean }): CompiledRules {
  let found = compiled.get(schema);
  if (!found) {
    found = compile(schema, options);
    compiled.set(schema, found);
  }
  return found;
}

function compile(schema: JsonSchema, options: { resource: boolean }): CompiledRules {
  const environment = newEnvironment();
  const type = new CelTypes(environment).of(schema, options) ?? { name: 'dyn', convert: (value: unknown) => value };
  const plain = environment.clone().registerVariable('self', type.name).registerVariable('oldSelf', type.name);
  const lenient = environment
    .clone()
    .registerVariable('self', type.name)
    .registerVariable('oldSelf', `optional<${type.name}>`);
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule): CompiledRule => {
    const scope = rule.optionalOldSelf ? lenient : plain;
    const main = checked(scope, rule.rule, 'bool');
    const text = rule.messageExpression ? checked(scope, rule.messageExpression, 'string') : {};
    return {
      rule,
      usesOldSelf: mentionsOldSelf(rule.rule),
      fault: main.fault,
      messageFault: text.fault,
      holds: main.program,
      message: text.program,
    };
  });
  const none = lenient.parse('optional.none()');
  const some = lenient.parse('optional.of(self)');
  return {
    rules,
    convert: type.convert,
    optional: (value) => (value === undefined ? none({}) : some({ self: value })),
  };
}

type Scope = ReturnType<typeof newEnvironment>;

function checked(scope: Scope, expression: string, type: string): { program?: ParseResult; fault?: string } {
  try {
    const { ast } = scope.parse(expression);
    const program = scope.parse(plainer(expression, ast));
    const { valid, type: found, error } = program.check();
    if (!valid) return { fault: `compilation failed: ${error?.message ?? 'unknown error'}` };
    const fault = senselessness(ast);
    if (fault) return { fault: `compilation failed: ${fault}` };
    if (found !== type && found !== 'dyn') return { fault: `must evaluate to a ${type}` };
    return { program };
  } catch (error) {
    return { fault: `compilation failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface Place {
  readonly path: string;
  readonly before: Before;
  readonly resource: boolean;
  /** Whether the value, or else what it is in, can be told to be as it was. */
  readonly unchanged: boolean;
  warn(message: string): void;
}

/** Whether a schema has rules anywhere. */
export const hasRules = (schema: JsonSchema): boolean =>
  someSchema(schema, (inner) => (inner['x-kubernetes-validations']?.length ?? 0) > 0);

/**
 * Runs all rules of a schema on a value (`x-kubernetes-validations`). Rules about `oldSelf` run only where there is a value from before
 * to compare with; what the others find in what an update left as it was is no fault, but worth a warning.
 */
export function ruleFaults(
  value: unknown,
  schema: JsonSchema,
  { before, warn = () => undefined }: { before?: Before; warn?(message: string): void } = {},
): StatusCause[] {
  return hasRules(schema) ? walk(value, schema, { path: '', before, resource: true, unchanged: false, warn }) : [];
}

function walk(value: unknown, schema: JsonSchema, place: Place): StatusCause[] {
  if (value === null) return [];
  const { path, before, warn } = place;
  const unchanged = before ? isDeepStrictEqual(value, before.value) : place.unchanged;
  const causes = schema['x-kubernetes-validations'] ? own(value, schema, { ...place, unchanged }) : [];
  const inside = { resource: false, unchanged, warn };
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (!items) return causes;
    for (const [index, item] of value.entries()) {
      causes.push(
        ...walk(item, items, { ...inside, path: `${path}[${index}]`, before: itemBefore(before, item, schema) }),
      );
    }
  } else if (isMap(value)) {
    for (const [name, member] of Object.entries(value)) {
      const inner = memberOf(schema, name);
      if (!inner) continue;
      const at = join(path, name, isProperty(schema, name));
      causes.push(...walk(member, inner, { ...inside, path: at, before: memberBefore(before, name) }));
    }
  }
  return causes;
}

const isProperty = (schema: JsonSchema | undefined, name: string): boolean =>
  schema?.properties !== undefined && Object.hasOwn(schema.properties, name);

/** Members of objects follow a dot, those of maps are in brackets. */
function join(path: string, name: string, property: boolean): string {
  if (!property) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function own(value: unknown, schema: JsonSchema, { path, before, resource, unchanged, warn }: Place): StatusCause[] {
  const { rules, convert, optional } = compileRules(schema, { resource });
  const self = convert(value);
  // What was null was nothing to rules.
  const old = before && before.value !== null ? convert(aligned(before.value, value, schema)) : undefined;
  return rules.flatMap((compiled) => {
    const { rule, usesOldSelf, holds } = compiled;
    if (!holds || (usesOldSelf && old === undefined && !rule.optionalOldSelf)) return [];
    const scope = { self, oldSelf: rule.optionalOldSelf ? optional(old) : old };
    try {
      if (holds(scope)) return [];
    } catch (error) {
      const field = path || wholeObject;
      const text = rule.message?.trim() || rule.rule.trim();
      return [invalidValue(field, schema.type ?? '', `${reasonOf(error)} evaluating rule: ${text}`)];
    }
    const cause = fault(rule, { path, schema, value }, messageOf(compiled, scope));
    if (usesOldSelf || !unchanged) return [cause];
    warn(`${cause.field}: ${cause.message}`);
    return [];
  });
}

/** Why an expression gave nothing, in words like cel-go's, which begin with a small letter. */
function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function messageOf({ rule, message }: CompiledRule, scope: Record<string, unknown>): string {
  if (message) {
    try {
      const text: unknown = message(scope);
      if (typeof text === 'string' && text.trim() !== '' && !/[\n\r]/.test(text)) return text.trim();
    } catch {
      // The rule's own message stands in.
    }
  }
  return rule.message?.trim() || `failed rule: ${rule.rule.trim()}`;
}

function fault(
  rule: ValidationRule,
  at: { path: string; schema: JsonSchema; value: unknown },
  message: string,
): StatusCause {
  const path = rule.fieldPath ? pathTo(rule.fieldPath, at) : at.path;
  const field = path || wholeObject;
  const value = at.schema.type === 'object' || at.schema.type === 'array' ? omittedValue : at.value;
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    default:
      return invalidValue(field, value, message);
  }
}

/** A path inside of a value, after the path of the value. */
function pathTo(fieldPath: string, { path, schema }: { path: string; schema: JsonSchema }): string {
  let within = '';
  let inner: JsonSchema | undefined = schema;
  for (const name of membersOf(fieldPath.trim()) ?? []) {
    within = join(within, name, isProperty(inner, name));
    inner = inner && memberOf(inner, name);
  }
  return path === '' ? within : `${path}.${within}`;
}
