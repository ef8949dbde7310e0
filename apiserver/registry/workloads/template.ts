import { invalidValue } from '@skiff/api/causes';
import { LabelSelector, type LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import type { StatusCause } from '@skiff/api/status';
import type { PodTemplate } from '../pod-template/defaults.ts';

/** Whether a selector of a spec selects these labels; an absent or malformed one selects nothing. */
function selects(selector: LabelSelectorObject | undefined | null, labels: Readonly<Record<string, string>>): boolean {
  try {
    return LabelSelector.from(selector).matches(labels);
  } catch {
    return false;
  }
}

/** A workload must select the Pods that its template makes. */
export function validateSelects(
  selector: LabelSelectorObject | undefined | null,
  template: PodTemplate | undefined,
  field: string,
): StatusCause[] {
  const labels = template?.metadata?.labels ?? {};
  if (selects(selector, labels)) return [];
  return [invalidValue(`${field}.metadata.labels`, labels, '`selector` does not match template `labels`')];
}

export const selectsEverything = ({ matchLabels, matchExpressions }: LabelSelectorObject): boolean =>
  Object.keys(matchLabels ?? {}).length === 0 && !matchExpressions?.length;
