import { forbiddenField, invalidBy, invalidValue, required } from '../causes.ts';
import { labelValue, qualifiedName } from '../names.ts';
import type { StatusCause } from '../status.ts';
import type { LabelSelectorObject } from './label-selector.ts';

/** The rules of a map of labels; `field` is its path. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): StatusCause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalidBy(qualifiedName, field, key),
    ...invalidBy(labelValue, field, value),
  ]);
}

/** The rules of a LabelSelector of a spec (upstream: metav1/validation.ValidateLabelSelector). */
export function validateLabelSelector(selector: LabelSelectorObject | undefined | null, field: string): StatusCause[] {
  if (!selector) return [];
  const causes = validateLabels(selector.matchLabels, `${field}.matchLabels`);
  for (const [index, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const path = `${field}.matchExpressions[${index}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (!values.length)
        causes.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length) causes.push(forbiddenField(`${path}.values`, rule));
    } else causes.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
    causes.push(...invalidBy(qualifiedName, `${path}.key`, key ?? ''));
    for (const [at, value] of values.entries()) causes.push(...invalidBy(labelValue, `${path}.values[${at}]`, value));
  }
  return causes;
}
