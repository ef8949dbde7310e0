import type { V1Container, V1ContainerState, V1ContainerStatus, V1EnvVar } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import { Quantity } from '@skiff/api/quantity';
import type { Pod } from '@skiff/api/types';
import { type Lines, longTime } from './lines.ts';
import { probeText } from './probe.ts';
import { describeRequirements } from './resources.ts';

export type Container = Wire<V1Container>;
type Status = Wire<V1ContainerStatus>;

/** The containers of a Pod or of a template. Indentation is kubectl's: names stand one blank in from the title. */
export function describeContainers(
  lines: Lines,
  containers: readonly Container[] | undefined,
  options: { title: string; margin: string; pod?: Pod; statuses?: readonly Status[] | undefined },
): void {
  const { title, margin, pod, statuses = [] } = options;
  lines.raw(`${margin}${title}:${containers?.length ? '\n' : ' <none>\n'}`);
  for (const container of containers ?? []) {
    const status = statuses?.find(({ name }) => name === container.name);
    lines.raw(`${margin}${margin === '' ? '  ' : ' '}${container.name}:\n`);
    if (status) lines.add(`Container ID:\t${status.containerID ?? ''}`, 2);
    lines.add(`Image:\t${container.image ?? ''}`, 2);
    if (status) lines.add(`Image ID:\t${status.imageID ?? ''}`, 2);
    describePorts(lines, container);
    describeWords(lines, 'Command', container.command);
    describeWords(lines, 'Args', container.args);
    if (status) describeStatus(lines, status);
    describeRequirements(lines, container.resources);
    if (container.livenessProbe) lines.add(`Liveness:\t${probeText(container.livenessProbe)}`, 2);
    if (container.readinessProbe) lines.add(`Readiness:\t${probeText(container.readinessProbe)}`, 2);
    if (container.startupProbe) lines.add(`Startup:\t${probeText(container.startupProbe)}`, 2);
    describeEnvironment(lines, container, pod);
    describeMounts(lines, container);
  }
}

function describePorts(lines: Lines, { ports }: Container): void {
  const text = (number: number | undefined, protocol: string | undefined): string =>
    `${number ?? 0}/${protocol ?? 'TCP'}`;
  const inside = (ports ?? []).map(({ containerPort, protocol }) => text(containerPort, protocol));
  const host = (ports ?? []).map(({ hostPort, protocol }) => text(hostPort, protocol));
  const plural = inside.length > 1 ? 's' : '';
  lines.add(`Port${plural}:\t${inside.join(', ') || '<none>'}`, 2);
  lines.add(`Host Port${plural}:\t${host.join(', ') || '<none>'}`, 2);
}

function describeWords(lines: Lines, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return;
  lines.add(`${title}:`, 2);
  for (const word of words) for (const line of word.split('\n')) lines.add(line, 3);
}

function describeStatus(lines: Lines, status: Status): void {
  describeState(lines, 'State', status.state ?? {});
  if (status.lastState?.terminated) describeState(lines, 'Last State', status.lastState);
  lines.add(`Ready:\t${status.ready ? 'True' : 'False'}`, 2);
  lines.add(`Restart Count:\t${status.restartCount}`, 2);
}

function describeState(lines: Lines, title: string, { running, waiting, terminated }: Wire<V1ContainerState>): void {
  if (running) {
    lines.add(`${title}:\tRunning`, 2).add(`Started:\t${longTime(running.startedAt)}`, 3);
  } else if (waiting) {
    lines.add(`${title}:\tWaiting`, 2);
    if (waiting.reason) lines.add(`Reason:\t${waiting.reason}`, 3);
  } else if (terminated) {
    lines.add(`${title}:\tTerminated`, 2);
    if (terminated.reason) lines.add(`Reason:\t${terminated.reason}`, 3);
    if (terminated.message) lines.add(`Message:\t${terminated.message}`, 3);
    lines.add(`Exit Code:\t${terminated.exitCode}`, 3);
    if ((terminated.signal ?? 0) > 0) lines.add(`Signal:\t${terminated.signal}`, 3);
    lines.add(`Started:\t${longTime(terminated.startedAt)}`, 3).add(`Finished:\t${longTime(terminated.finishedAt)}`, 3);
  } else lines.add(`${title}:\tWaiting`, 2);
}

function describeEnvironment(lines: Lines, container: Container, pod: Pod | undefined): void {
  const { env, envFrom } = container;
  if (envFrom?.length) {
    lines.add('Environment Variables from:', 2);
    for (const { configMapRef, secretRef, prefix } of envFrom) {
      const ref = configMapRef ?? secretRef;
      const from = configMapRef ? 'ConfigMap' : 'Secret';
      const withPrefix = prefix ? ` with prefix '${prefix}'` : '';
      lines.add(`${ref?.name ?? ''}\t${from}${withPrefix}\tOptional: ${ref?.optional ?? false}`, 3);
    }
  }
  if (!env?.length) {
    lines.add(`Environment:\t<none>`, 2);
    return;
  }
  lines.add('Environment:', 2);
  for (const variable of env) for (const line of variableLines(variable, container, pod)) lines.add(line, 3);
}

function variableLines(
  { name, value, valueFrom }: Wire<V1EnvVar>,
  container: Container,
  pod: Pod | undefined,
): string[] {
  if (!valueFrom) {
    return (value ?? '').split('\n').map((line, at) => (at === 0 ? `${name}:\t${line}` : `\t${line}`));
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef)
    return [`${name}:\t${fieldOf(pod, fieldRef.fieldPath)} (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`];
  if (resourceFieldRef) {
    const { resource, containerName } = resourceFieldRef;
    const from = pod?.spec?.containers.find((one) => one.name === containerName) ?? container;
    return [`${name}:\t${resourceValue(from, resource)} (${resource})`];
  }
  const ref = secretKeyRef ?? configMapKeyRef;
  const where = secretKeyRef ? 'in secret' : 'of config map';
  return [
    `${name}:\t<set to the key '${ref?.key}' ${where} '${ref?.name ?? ''}'>\tOptional: ${ref?.optional ?? false}`,
  ];
}

/** `limits.cpu` of a container, in whole units. */
function resourceValue({ resources }: Container, resource: string): string {
  const [which, ...name] = resource.split('.');
  const amounts = which === 'limits' ? resources?.limits : resources?.requests;
  return String((Quantity.tryParse(amounts?.[name.join('.')] ?? '0') ?? Quantity.zero).toBigInt());
}

/** A field of the Pod's that a variable shows, where it is known. */
function fieldOf(pod: Pod | undefined, path: string): string {
  if (!pod) return '';
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
  };
  return fields[path] ?? '';
}

function describeMounts(lines: Lines, { volumeMounts }: Container): void {
  if (!volumeMounts?.length) {
    lines.add('Mounts:\t<none>', 2);
    return;
  }
  lines.add('Mounts:', 2);
  for (const { name, mountPath, readOnly, subPath } of volumeMounts.toSorted((a, b) =>
    a.mountPath < b.mountPath ? -1 : 1,
  )) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path=${JSON.stringify(subPath)}`] : [])];
    lines.add(`${mountPath} from ${name} (${flags.join(',')})`, 3);
  }
}
