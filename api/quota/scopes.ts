import type { KubeObject } from '../meta.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuota } from '../types.ts';

type Requirement = NonNullable<
  NonNullable<NonNullable<ResourceQuota['spec']>['scopeSelector']>['matchExpressions']
>[number];

/** The scopes of a quota, as requirements. */
function requirementsOf({ spec }: ResourceQuota): Requirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

function isBestEffort({ spec }: Pod): boolean {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), { resources: spec?.resources }];
  return all.every(({ resources }) =>
    ['cpu', 'memory'].every((name) => !resources?.requests?.[name] && !resources?.limits?.[name]),
  );
}

const hasDeadline = ({ spec }: Pod): boolean => spec?.activeDeadlineSeconds !== undefined;

function selects({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'DoesNotExist':
      return !value;
    default:
      return Boolean(value);
  }
}

function crossesNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ].some((term) => term.namespaces?.length || term.namespaceSelector),
  );
}

function podIn(requirement: Requirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return hasDeadline(pod);
    case 'NotTerminating':
      return !hasDeadline(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return selects(requirement, pod.spec?.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

/** Whether a quota counts an object: all of its scopes must hold, and only Pods and claims are in any. */
export function isInScope(quota: ResourceQuota, { plural }: { plural: string }, object: KubeObject): boolean {
  return requirementsOf(quota).every((requirement) => {
    // The kind says what the object is.
    if (plural === 'pods') return podIn(requirement, object as unknown as Pod);
    if (plural !== 'persistentvolumeclaims' || requirement.scopeName !== 'VolumeAttributesClass') return false;
    return selects(requirement, (object as unknown as PersistentVolumeClaim).spec?.volumeAttributesClassName);
  });
}
