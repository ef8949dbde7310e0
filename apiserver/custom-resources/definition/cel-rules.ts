import { forbiddenField, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import { excessiveCost } from '../cel/cost.ts';
import { compileRules } from '../cel/rules.ts';
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

/** Whether they compile, and may. `times`: how often the schema may occur in an object. */
export function celFaults(
  schema: JsonSchema,
  {
    path,
    uncorrelatable,
    root,
    times,
  }: { path: string; uncorrelatable: string | undefined; root: boolean; times: number },
): StatusCause[] {
  if (!schema['x-kubernetes-validations']?.length) return [];
  const resource = root || schema['x-kubernetes-embedded-resource'] === true;
  return compileRules(schema, { resource }).rules.flatMap(
    ({ rule, holds, fault, messageFault, usesOldSelf }, index) => {
      const found: StatusCause[] = [];
      const at = `${fieldOf(path)}[${index}]`;
      if (fault) found.push(invalidValue(`${at}.rule`, rule, fault));
      const cost = holds && excessiveCost(holds.ast, schema, times);
      if (cost) found.push(forbiddenField(`${at}.rule`, cost));
      if (messageFault) found.push(invalidValue(`${at}.messageExpression`, rule, messageFault));
      if (usesOldSelf && uncorrelatable) {
        const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
        found.push(invalidValue(`${at}.rule`, rule.rule, why));
      } else if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
        const why = 'may not be set if oldSelf is not used in rule';
        found.push(invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, why));
      }
      return found;
    },
  );
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
