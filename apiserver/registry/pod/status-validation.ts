import { forbiddenField, invalidBy, invalidValue } from '@skiff/api/causes';
import { ipAddress, ipFamily } from '@skiff/api/ip';
import { dns1123Subdomain, qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { Container } from '../pod-template/container-defaults.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import { validateAnnotationUpdate } from './update-validation.ts';

type Status = NonNullable<Pod['status']>;
type ContainerStatuses = NonNullable<Status['containerStatuses']>;

const systemConditions = ['PodScheduled', 'Ready', 'Initialized'];
const notNegative = 'must be a non-negative integer';

function validateConditions(conditions: NonNullable<Status['conditions']>): StatusCause[] {
  return conditions.flatMap(({ observedGeneration = 0, type = '' }, index) => {
    const at = `status.conditions[${index}]`;
    const causes =
      observedGeneration < 0 ? [invalidValue(`${at}.observedGeneration`, observedGeneration, notNegative)] : [];
    // Upstream begins this one with a capital letter.
    return systemConditions.includes(type) ? causes : [...causes, ...invalidBy(qualifiedName, `${at}.Type`, type)];
  });
}

/** Whether a container that ended this way is started again (upstream: ContainerShouldRestart). */
function restarts(container: Container, spec: PodSpec, exitCode: number): boolean {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy !== undefined) {
    const matching = rules.find(({ exitCodes }) => {
      const listed = exitCodes?.values?.includes(exitCode) ?? false;
      return exitCodes && (exitCodes.operator === 'In' ? listed : !listed);
    });
    if (matching?.action === 'Restart') return true;
  }
  const policy = restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** A container that ended for good stays ended. */
function validateTransitions(
  now: ContainerStatuses | undefined,
  before: ContainerStatuses | undefined,
  { field, mayRestart }: { field: string; mayRestart(name: string, exitCode: number): boolean },
): StatusCause[] {
  return (before ?? []).flatMap(({ name, state }, index) => {
    const current = now?.find((status) => status.name === name);
    if (!state?.terminated || !current || current.state?.terminated) return [];
    if (mayRestart(name, state.terminated.exitCode)) return [];
    return [forbiddenField(`${field}[${index}].state`, 'may not be transitioned to non-terminated state')];
  });
}

function validateIps(ips: readonly string[], field: string): StatusCause[] {
  const causes = ips.flatMap((ip, index) => invalidBy(ipAddress, `${field}[${index}]`, ip));
  if (ips.length < 2 || (ips.length === 2 && new Set(ips.map(ipFamily)).size === 2)) return causes;
  return [...causes, invalidValue(field, ips, 'may specify no more than one IP for each IP family')];
}

function validateNominated(status: Status, old: Pod): StatusCause[] {
  const field = 'status.nominatedNodeName';
  const name = status.nominatedNodeName ?? '';
  if (!name || name === old.status?.nominatedNodeName) return [];
  const causes = invalidBy(dns1123Subdomain, field, name);
  if (!old.spec?.nodeName) return causes;
  return [...causes, forbiddenField(field, 'may not be set on pods that are already bound to a node')];
}

function validateClaimStatuses(pod: Pod): StatusCause[] {
  const claims = new Set((pod.spec?.resourceClaims ?? []).map(({ name }) => name));
  return (pod.status?.resourceClaimStatuses ?? []).flatMap(({ name, resourceClaimName }, index) => {
    const at = `status.resourceClaimStatuses[${index}]`;
    const rule = 'must match the name of an entry in `spec.resourceClaims`';
    return [
      ...(claims.has(name) ? [] : [invalidValue(`${at}.name`, name, rule)]),
      ...(resourceClaimName ? invalidBy(dns1123Subdomain, `${at}.resourceClaimName`, resourceClaimName) : []),
    ];
  });
}

/** What may be reported of a Pod (upstream: ValidatePodStatusUpdate). */
export function validatePodStatus(pod: Pod, old: Pod): StatusCause[] {
  const spec = old.spec ?? { containers: [] };
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const everybodyRestarts = all.some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
  const mayRestart = (name: string, exitCode: number): boolean => {
    const container = all.find((candidate) => candidate.name === name);
    return everybodyRestarts || (container !== undefined && restarts(container, spec, exitCode));
  };
  const causes = [
    ...validateAnnotationUpdate(pod, old),
    ...validateConditions(status.conditions ?? []),
    ...validateNominated(status, old),
  ];
  const observed = status.observedGeneration ?? 0;
  if (observed < 0) causes.push(invalidValue('status.observedGeneration', observed, notNegative));
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
    causes.push(...validateTransitions(status[list], before[list], { field: `status.${list}`, mayRestart }));
  }
  const field = 'status.ephemeralContainerStatuses';
  const { ephemeralContainerStatuses: ephemeral } = status;
  causes.push(
    ...validateTransitions(ephemeral, before.ephemeralContainerStatuses, { field, mayRestart: () => false }),
    ...validateClaimStatuses(pod),
    ...validateIps(
      (status.podIPs ?? []).map(({ ip }) => ip),
      'status.podIPs',
    ),
  );
  const hostIPs = (status.hostIPs ?? []).map(({ ip }) => ip);
  if (hostIPs.length && hostIPs[0] !== status.hostIP) {
    causes.push(invalidValue('status.hostIPs[0].ip', hostIPs[0], 'must be equal to `hostIP`'));
  }
  return [...causes, ...validateIps(hostIPs, 'status.hostIPs')];
}
