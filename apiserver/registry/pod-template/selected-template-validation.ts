import { invalidValue, required } from '@skiff/api/causes';
import { LabelSelector, type LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { PodTemplate } from './defaults.ts';
import { validateRunningTemplate } from './validation.ts';

/** A spec that selects the Pods that it makes. */
interface Selecting {
  readonly selector?: LabelSelectorObject | undefined;
  readonly template?: PodTemplate | undefined;
}

/**
 * The rules of a selector and of the template whose Pods it must select (upstream: ValidateDeploymentSpec and its like).
 * `owner` names the kind in messages, as `ReplicaSet`; upstream says `deployment` of empty selectors of both kinds.
 */
export function validateSelectedTemplate(
  { selector, template = {} }: Selecting,
  field: string,
  names: { owner: string; emptySelector: string },
): StatusCause[] {
  const causes = selector ? validateLabelSelector(selector, `${field}.selector`) : [required(`${field}.selector`)];
  if (selector && causes.length) {
    return [...causes, invalidValue(`${field}.selector`, selector, 'invalid label selector')];
  }
  const parsed = LabelSelector.from(selector);
  if (parsed.isEmpty) {
    const rule = `empty selector is invalid for ${names.emptySelector}`;
    causes.push(invalidValue(`${field}.selector`, selector, rule));
  } else if (!parsed.matches(template.metadata?.labels)) {
    const rule = '`selector` does not match template `labels`';
    causes.push(invalidValue(`${field}.template.metadata.labels`, template.metadata?.labels, rule));
  }
  return [...causes, ...validateRunningTemplate(template, `${field}.template`, names.owner)];
}
