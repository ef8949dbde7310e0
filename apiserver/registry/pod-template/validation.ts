import type { V1PodResourceClaim } from '@kubernetes/client-node';
import {
  duplicate,
  forbiddenField,
  invalidBy,
  invalidValue,
  notFoundValue,
  oneOf,
  required,
  within,
} from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import { validateAnnotations } from '../metadata.ts';
import { validateAffinity } from './affinity-validation.ts';
import { validatePodAnnotations, validateProfilesMatch } from './annotation-validation.ts';
import { containerPaths } from './container-paths.ts';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container-validation.ts';
import type { PodSpec, PodTemplate } from './defaults.ts';
import {
  validateDns,
  validateHostAliases,
  validateHostNetwork,
  validateHostname,
  validateHostUsers,
} from './host-validation.ts';
import { validatePodResources } from './pod-resource-validation.ts';
import { validateRequirements } from './resource-validation.ts';
import { validateGates, validateSpread, validateTolerations } from './scheduling-validation.ts';
import { validatePodSecurity } from './security-validation.ts';
import { validateVolumes } from './volume-validation.ts';
import { validateHostProcesses, validateOs } from './windows-validation.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];
const maxInt32 = 2 ** 31 - 1;

function validateClaims(claims: readonly Wire<V1PodResourceClaim>[], field: string): StatusCause[] {
  const names = new Set<string>();
  return claims.flatMap((claim, index) => {
    const at = `${field}[${index}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const causes: StatusCause[] = [];
    if (!name) causes.push(required(`${at}.name`));
    else if (names.has(name)) causes.push(duplicate(`${at}.name`, name));
    else causes.push(...invalidBy(dns1123Label, `${at}.name`, name));
    names.add(name);
    if (resourceClaimName && resourceClaimTemplateName) {
      const rule = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      causes.push(invalidValue(at, claim, rule));
    }
    if (!resourceClaimName && !resourceClaimTemplateName) {
      const rule = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      causes.push(invalidValue(at, claim, rule));
    }
    for (const [key, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
      if (value) causes.push(...invalidBy(dns1123Subdomain, `${at}.${key}`, value));
    }
    return causes;
  });
}

/** Variables that come from files: the files are in a directory of the Pod (upstream: validateFileKeyRefVolumes). */
function validateFileVariables(spec: PodSpec, field: string): StatusCause[] {
  return containerPaths(spec, field).flatMap(({ container, path }) =>
    (container.env ?? []).flatMap(({ valueFrom }, index) => {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) return [];
      const at = `${path}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.find((candidate) => candidate.name === name);
      if (!volume) return [notFoundValue(at, name)];
      return volume.emptyDir ? [] : [invalidValue(at, name, 'referenced volume must be of type emptyDir')];
    }),
  );
}

const names = ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const;

/**
 * The rules of a Pod's spec, in Pods and templates (upstream: ValidatePodSpec). `pod` is the name of the Pod where it is one:
 * templates are spared some rules.
 */
export function validatePodSpec(spec: PodSpec, field: string, options: { pod?: string } = {}): StatusCause[] {
  const volumes = validateVolumes(spec.volumes ?? [], `${field}.volumes`, options.pod);
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean));
  const context = { spec, volumes: volumes.valid, claims };
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${field}.terminationGracePeriodSeconds`)] : []),
    ...volumes.causes,
    ...validateClaims(spec.resourceClaims ?? [], `${field}.resourceClaims`),
    ...validateContainers(context, `${field}.containers`),
    ...validateInitContainers(context, `${field}.initContainers`),
    ...validateEphemeralContainers(context, `${field}.ephemeralContainers`),
    ...validatePodResources(spec, `${field}.resources`, claims),
    ...validateHostNetwork(spec, field, { isPod: options.pod !== undefined }),
    ...oneOf(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validatePodSecurity(spec, `${field}.securityContext`),
    ...validateAffinity(spec.affinity, `${field}.affinity`),
    ...validateDns(spec, field),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType = '' }, index) =>
      invalidBy(qualifiedName, `${field}.readinessGates[${index}].conditionType`, conditionType),
    ),
    ...validateGates(spec.schedulingGates ?? [], `${field}.schedulingGates`),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${field}.topologySpreadConstraints`),
    ...validateHostProcesses(spec, field),
    ...validateHostUsers(spec, field),
    ...names.flatMap((name) => (spec[name] ? invalidBy(dns1123Subdomain, `${field}.${name}`, spec[name]) : [])),
    ...within(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, [1, maxInt32]),
    ...validateHostname(spec, field),
    ...validateTolerations(spec.tolerations ?? [], `${field}.tolerations`),
    ...validateHostAliases(spec.hostAliases ?? [], `${field}.hostAliases`),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(`${field}.preemptionPolicy`, spec.preemptionPolicy, preemptionPolicies)),
    ...(spec.overhead ? validateRequirements({ limits: spec.overhead }, `${field}.overhead`) : []),
    ...validateOs(spec, field),
    ...validateFileVariables(spec, field),
  ];
}

/** The rules of a template of Pods (upstream: ValidatePodTemplateSpec). Which labels it needs is for its owner to say. */
export function validatePodTemplate(template: PodTemplate, field: string): StatusCause[] {
  const { annotations = {}, labels } = template.metadata ?? {};
  const spec = template.spec ?? { containers: [] };
  return [
    ...validateLabels(labels, `${field}.labels`),
    ...validateAnnotations(annotations, `${field}.annotations`),
    ...validatePodAnnotations(annotations, spec, `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`),
    ...validateProfilesMatch(annotations, spec, `${field}.spec`),
    ...(spec.ephemeralContainers?.length
      ? [forbiddenField(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}

const neverEnds = ['Always'];

/**
 * The rules of a template whose Pods are kept running: of Deployments, ReplicaSets, StatefulSets and DaemonSets (upstream:
 * ValidatePodTemplateSpecForReplicaSet and its like). `owner` is named by the message about deadlines.
 */
export function validateRunningTemplate(template: PodTemplate, field: string, owner: string): StatusCause[] {
  const causes = validatePodTemplate(template, field);
  const { activeDeadlineSeconds, restartPolicy } = template.spec ?? {};
  if (restartPolicy !== 'Always') causes.push(...oneOf(`${field}.spec.restartPolicy`, restartPolicy, neverEnds));
  if (activeDeadlineSeconds !== undefined) {
    const rule = `activeDeadlineSeconds in ${owner} is not Supported`;
    causes.push(forbiddenField(`${field}.spec.activeDeadlineSeconds`, rule));
  }
  return causes;
}
