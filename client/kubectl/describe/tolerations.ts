import type { V1Toleration } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import type { Lines } from './lines.ts';

/** Tolerations, one a line. */
export function describeTolerations(
  lines: Lines,
  tolerations: readonly Wire<V1Toleration>[] | undefined,
  margin = '',
): void {
  if (!tolerations?.length) {
    lines.raw(`${margin}Tolerations:\t<none>\n`);
    return;
  }
  const sorted = tolerations.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  sorted.forEach((toleration, at) => {
    lines.raw(`${margin}${at === 0 ? 'Tolerations:' : ''}\t${tolerationText(toleration)}\n`);
  });
}

function tolerationText({ key = '', value, effect, operator, tolerationSeconds }: Wire<V1Toleration>): string {
  let text = key;
  if (value) text += `=${value}`;
  if (effect) text += `:${effect}`;
  // Every toleration with a value equals it: only the other operator is worth saying.
  if (operator === 'Exists' && !value) text += key || effect ? ' op=Exists' : 'op=Exists';
  if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`;
  return text;
}
