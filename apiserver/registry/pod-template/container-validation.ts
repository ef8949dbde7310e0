import type { V1ContainerPort, V1ContainerResizePolicy } from '@kubernetes/client-node';
import {
  duplicate,
  forbiddenField,
  invalidBy,
  invalidValue,
  notFoundValue,
  notSupported,
  oneOf,
  required,
  tooManyItems,
} from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Label, portName, portNumber } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Container } from './container-defaults.ts';
import type { PodSpec } from './defaults.ts';
import { validateEnvironment, validateEnvironmentSources } from './environment-validation.ts';
import { validateLifecycle, validateProbe } from './handler-validation.ts';
import { type Volumes, validateDevices, validateMounts } from './mount-validation.ts';
import { validateRequirements } from './resource-validation.ts';
import { validateContainerSecurity } from './security-validation.ts';

/** What the rules of containers need to know of their Pod. */
export interface PodContext {
  readonly spec: PodSpec;
  readonly volumes: Volumes;
  /** The names of its resource claims. */
  readonly claims: ReadonlySet<string>;
}

const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];
const restartPolicies = ['Always', 'Never', 'OnFailure'];
const resizePolicies = ['NotRequired', 'RestartContainer'];
const maxRestartRules = 20;
const maxExitCodes = 255;

const invalidPort = (field: string, value: number): StatusCause[] =>
  portNumber(value).map((message) => invalidValue(field, value, message));

function validatePorts(ports: readonly Wire<V1ContainerPort>[], field: string): StatusCause[] {
  const names = new Set<string>();
  return ports.flatMap(({ containerPort, hostPort, name, protocol }, index) => {
    const at = `${field}[${index}]`;
    const causes = name ? invalidBy(portName, `${at}.name`, name) : [];
    if (name && causes.length === 0) {
      if (names.has(name)) causes.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort) causes.push(...invalidPort(`${at}.containerPort`, containerPort));
    else causes.push(required(`${at}.containerPort`));
    if (hostPort) causes.push(...invalidPort(`${at}.hostPort`, hostPort));
    return [...causes, ...oneOf(`${at}.protocol`, protocol, protocols)];
  });
}

/** Ports of the host that several containers want (upstream: AccumulateUniqueHostPorts). */
function validateHostPorts(containers: readonly Container[], field: string): StatusCause[] {
  const taken = new Set<string>();
  return containers.flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostIP = '', hostPort, protocol }, at) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) return [duplicate(`${field}[${index}].ports[${at}].hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}

function validateResizePolicy(
  policies: readonly Wire<V1ContainerResizePolicy>[],
  field: string,
  podRestartPolicy: string | undefined,
): StatusCause[] {
  const seen = new Set<string>();
  return policies.flatMap(({ resourceName, restartPolicy }, index) => {
    const causes: StatusCause[] = [];
    if (seen.has(resourceName)) causes.push(duplicate(`${field}[${index}]`, resourceName));
    seen.add(resourceName);
    // Upstream names the list here, not its entry.
    causes.push(...oneOf(field, resourceName, ['cpu', 'memory']), ...oneOf(field, restartPolicy, resizePolicies));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const rule = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      causes.push(invalidValue(field, restartPolicy, rule));
    }
    return causes;
  });
}

/** Upstream: validateContainerRestartPolicy. */
function validateRestartPolicy(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  field: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (restartPolicy !== undefined && !restartPolicies.includes(restartPolicy)) {
    causes.push(notSupported(`${field}.restartPolicy`, restartPolicy, restartPolicies));
  } else if (restartPolicy === undefined && rules.length) {
    causes.push(required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  }
  const list = `${field}.restartPolicyRules`;
  if (rules.length > maxRestartRules) causes.push(tooManyItems(list, rules.length, maxRestartRules));
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const at = `${list}[${index}]`;
    const actions = ['Restart', 'RestartAllContainers'];
    if (!actions.includes(action)) causes.push(notSupported(`${at}.action`, action, actions));
    if (!exitCodes) {
      causes.push(required(`${at}.exitCodes`, 'must be specified'));
      continue;
    }
    const operators = ['In', 'NotIn'];
    if (!operators.includes(exitCodes.operator)) {
      causes.push(notSupported(`${at}.exitCodes.operator`, exitCodes.operator, operators));
    }
    const count = exitCodes.values?.length ?? 0;
    if (count > maxExitCodes) causes.push(tooManyItems(`${at}.exitCodes.values`, count, maxExitCodes));
  }
  return causes;
}

/** What holds for all kinds of containers (upstream: validateContainerCommon). */
function validateCommon(container: Container, field: string, pod: PodContext): StatusCause[] {
  const { image, name, resources } = container;
  return [
    ...(name ? invalidBy(dns1123Label, `${field}.name`, name) : [required(`${field}.name`)]),
    ...(image ? [] : [required(`${field}.image`)]),
    ...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...validateEnvironment(container.env ?? [], `${field}.env`),
    ...validateEnvironmentSources(container.envFrom ?? [], `${field}.envFrom`),
    ...validateMounts(container, pod.volumes, `${field}.volumeMounts`),
    ...validateDevices(container, pod.volumes, `${field}.volumeDevices`),
    ...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...(resources ? validateRequirements(resources, `${field}.resources`, { claims: pod.claims }) : []),
    ...validateResizePolicy(container.resizePolicy ?? [], `${field}.resizePolicy`, pod.spec.restartPolicy),
    ...validateContainerSecurity(container.securityContext, `${field}.securityContext`, {
      hostUsers: pod.spec.hostUsers ?? true,
    }),
  ];
}

/** Hooks and probes, of containers that run until they are stopped. */
function validateHooks(container: Container, field: string, { spec }: PodContext): StatusCause[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...(lifecycle ? validateLifecycle(lifecycle, `${field}.lifecycle`, spec.terminationGracePeriodSeconds) : []),
    ...validateProbe(livenessProbe, 'livenessProbe', `${field}.livenessProbe`),
    ...validateProbe(readinessProbe, 'readinessProbe', `${field}.readinessProbe`),
    ...validateProbe(startupProbe, 'startupProbe', `${field}.startupProbe`),
  ];
}

/** Upstream: validateContainers. */
export function validateContainers(pod: PodContext, field: string): StatusCause[] {
  const containers = pod.spec.containers ?? [];
  if (containers.length === 0) return [required(field)];
  const names = new Set<string>();
  const causes = containers.flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const twice = names.has(container.name) ? [duplicate(`${at}.name`, container.name)] : [];
    names.add(container.name);
    return [
      ...validateCommon(container, at, pod),
      ...twice,
      ...validateHooks(container, at, pod),
      ...validateRestartPolicy(container, at),
    ];
  });
  return [...causes, ...validateHostPorts(containers, field)];
}

/** Upstream: validateInitContainers. */
export function validateInitContainers(pod: PodContext, field: string): StatusCause[] {
  const names = new Set((pod.spec.containers ?? []).map(({ name }) => name));
  return (pod.spec.initContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const stays = container.restartPolicy === 'Always';
    const causes = [...validateCommon(container, at, pod), ...validateRestartPolicy(container, at)];
    if (names.has(container.name)) causes.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    causes.push(...validateHostPorts([container], field));
    if (stays) return [...causes, ...validateHooks(container, at, pod)];
    const hooks = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter(
      (hook) => container[hook],
    );
    const rule = 'may not be set for init containers without restartPolicy=Always';
    causes.push(...hooks.map((hook) => forbiddenField(`${at}.${hook}`, rule)));
    for (const [entry, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
      if (restartPolicy !== 'RestartContainer') continue;
      const why = "must not be set to 'RestartContainer' for non-sidecar initContainers";
      causes.push(invalidValue(`${at}.resizePolicy[${entry}].restartPolicy`, restartPolicy, why));
    }
    return causes;
  });
}

/** Fields that nobody should rely on in a container that only looks into a Pod. */
const notEphemeral = [
  'ports',
  'resources',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
] as const;

/** Upstream: validateEphemeralContainers. */
export function validateEphemeralContainers(pod: PodContext, field: string): StatusCause[] {
  const { containers, ephemeralContainers, initContainers } = pod.spec;
  const others = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  const rule = 'cannot be set for an Ephemeral Container';
  return (ephemeralContainers ?? []).flatMap((container, index) => {
    const at = `${field}[${index}]`;
    const { name, targetContainerName, volumeMounts } = container;
    // It has the fields of a container.
    const causes = validateCommon(container as Container, at, pod);
    causes.push(...validateImagePadding(container, at));
    if (names.has(name)) causes.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (targetContainerName && !others.has(targetContainerName)) {
      causes.push(notFoundValue(`${at}.targetContainerName`, targetContainerName));
    }
    for (const hidden of notEphemeral) {
      const value = container[hidden];
      const isSet = value !== undefined && (hidden !== 'resources' || Object.keys(value).length > 0);
      if (isSet) causes.push(forbiddenField(`${at}.${hidden}`, rule));
    }
    for (const [entry, mount] of (volumeMounts ?? []).entries()) {
      for (const path of ['subPath', 'subPathExpr'] as const) {
        if (mount[path]) causes.push(forbiddenField(`${at}.volumeMounts[${entry}].${path}`, rule));
      }
    }
    return causes;
  });
}

/** A rule of Pods that templates are spared (upstream: validateContainerOnlyForPod). */
export function validateImagePadding({ image = '' }: Pick<Container, 'image'>, field: string): StatusCause[] {
  if (image.trim() === image) return [];
  return [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')];
}
