import { forbiddenField, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { costOf } from '../cel/cost.ts';
import { compileRules } from '../cel/rules.ts';
import { occurrences } from '../cel/sizes.ts';
import { membersOf } from '../json-path.ts';
import { type JsonSchema, memberOf, type ValidationRule } from '../schema/json-schema.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const isBlank = (text: string | undefined): boolean => text !== undefined && text !== '' && text.trim() === '';
const hasBreak = (text: string | undefined): boolean => /[\n\r]/.test(text ?? '');

const fieldOf = (path: string): string => `${path}.x-kubernetes-validations`;

/** Whether the rules of `x-kubernetes-validations` are written down well. */
export function ruleFormFaults(schema: JsonSchema, path: string): StatusCause[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap((rule, index) => form(rule, schema, `${fieldOf(path)}[${index}]`));
}

/** What one rule, or its message, costs in an object at most. */
export interface RuleCost {
  readonly field: string;
  readonly cost: number;
}

/** The cost that kube-apiserver allows an expression, and all of a schema. */
const costLimit = 10_000_000;
const totalLimit = 100_000_000;
/** How many are named of the rules that are too much together. */
const mostExpensive = 4;

/** Where rules are: `times` is how often their schema may occur in an object, undefined where nothing bounds that. */
interface Rules {
  readonly path: string;
  readonly uncorrelatable: string | undefined;
  readonly root: boolean;
  readonly times: number | undefined;
}

/** Whether they compile, and may. */
export function celFaults(schema: JsonSchema, place: Rules): { faults: StatusCause[]; costs: RuleCost[] } {
  const faults: StatusCause[] = [];
  const costs: RuleCost[] = [];
  if (!schema['x-kubernetes-validations']?.length) return { faults, costs };
  const resource = place.root || schema['x-kubernetes-embedded-resource'] === true;
  const { uncorrelatable, times = occurrences(schema) } = place;
  const weigh = (field: string, cost: number, what: string): void => {
    if (cost > costLimit) faults.push(forbiddenField(field, excess(`estimated ${what} cost`, cost / costLimit)));
    costs.push({ field, cost });
  };
  for (const [index, compiled] of compileRules(schema, { resource }).rules.entries()) {
    const { rule, holds, message, fault, messageFault, usesOldSelf } = compiled;
    const at = `${fieldOf(place.path)}[${index}]`;
    if (holds) weigh(`${at}.rule`, costOf(holds.ast, schema, { resource }) * times, 'rule');
    if (fault) faults.push(invalidValue(`${at}.rule`, rule, fault));
    if (message) weigh(`${at}.messageExpression`, costOf(message.ast, schema, { resource }), 'messageExpression');
    if (messageFault) faults.push(invalidValue(`${at}.messageExpression`, rule, messageFault));
    if (usesOldSelf && uncorrelatable) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
      faults.push(invalidValue(`${at}.rule`, rule.rule, why));
    } else if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
      const why = 'may not be set if oldSelf is not used in rule';
      faults.push(invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, why));
    }
  }
  return { faults, costs };
}

/** By how much a cost exceeds what it may be, in words. */
function excess(what: string, factor: number): string {
  const times = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Whether all rules of a schema together are too much. */
export function totalFaults(costs: readonly RuleCost[], path: string): StatusCause[] {
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= totalLimit) return [];
  const rule = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const most = [...costs].sort((a, b) => b.cost - a.cost).slice(0, mostExpensive);
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...most.map(({ field }) => forbiddenField(field, rule)),
    forbiddenField(path, excess(what, total / totalLimit)),
  ];
}

function form(rule: ValidationRule, schema: JsonSchema, at: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const { message, messageExpression, reason, fieldPath } = rule;
  const text = rule.rule ?? '';
  if (text.trim() === '') causes.push(required(`${at}.rule`, 'rule is not specified'));
  else if (isBlank(message))
    causes.push(invalidValue(`${at}.message`, message, 'message must be non-empty if specified'));
  else if (hasBreak(message?.trim())) {
    causes.push(invalidValue(`${at}.message`, message, 'message must not contain line breaks'));
  } else if (hasBreak(text.trim()) && !message?.trim()) {
    causes.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (isBlank(messageExpression)) {
    causes.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !reasons.includes(reason)) causes.push(notSupported(`${at}.reason`, reason, reasons));
  if (isBlank(fieldPath)) {
    causes.push(invalidValue(`${at}.fieldPath`, fieldPath, 'fieldPath must be non-empty if specified'));
  }
  if (hasBreak(fieldPath))
    causes.push(invalidValue(`${at}.fieldPath`, fieldPath, 'fieldPath must not contain line breaks'));
  if (fieldPath && !leadsSomewhere(fieldPath, schema)) {
    causes.push(invalidValue(`${at}.fieldPath`, fieldPath, 'fieldPath must be a valid path'));
  }
  return causes;
}

function leadsSomewhere(fieldPath: string, schema: JsonSchema): boolean {
  let at: JsonSchema | undefined = schema;
  for (const name of membersOf(fieldPath) ?? ['']) at = at && memberOf(at, name);
  return at !== undefined;
}
