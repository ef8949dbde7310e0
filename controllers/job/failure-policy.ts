import type { Job, Pod } from '@skiff/api/types';
import type { JobSpec } from './job-pods.ts';

type Rule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];

/** What a failed Pod means to its Job. */
export interface Verdict {
  readonly action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  readonly message?: string;
}

/** The verdict of the first rule that fits; without one a failure counts (KEP-3329). */
export function judge({ spec }: Job, pod: Pod): Verdict {
  for (const [index, rule] of (spec?.podFailurePolicy?.rules ?? []).entries()) {
    const why = pod.status?.phase === 'Failed' ? (exitCode(rule, pod) ?? condition(rule, pod)) : undefined;
    if (why === undefined) continue;
    // Validation knows no other actions.
    const action = rule.action as Verdict['action'];
    return { action, message: `${why} matching ${rule.action} rule at index ${index}` };
  }
  return { action: 'Count' };
}

function exitCode({ onExitCodes: wanted }: Rule, { metadata, status }: Pod): string | undefined {
  if (!wanted) return undefined;
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of all) {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0) continue;
    if (wanted.containerName !== undefined && wanted.containerName !== name) continue;
    if (wanted.values.includes(code) !== (wanted.operator === 'In')) continue;
    return `Container ${name} for pod ${metadata.namespace}/${metadata.name} failed with exit code ${code}`;
  }
  return undefined;
}

function condition({ onPodConditions: wanted = [] }: Rule, { metadata, status }: Pod): string | undefined {
  const found = status?.conditions?.find((one) =>
    wanted.some((pattern) => pattern.type === one.type && (pattern.status ?? 'True') === one.status),
  );
  return found && `Pod ${metadata.namespace}/${metadata.name} has condition ${found.type}`;
}
