import type { ConfigMap, Secret, Service } from '@skiff/api/types';
import type { ReferencedObjects } from '../volumes/referenced-objects.ts';
import { expand } from './expansion.ts';
import { fieldValue, type PodAddresses } from './field-path.ts';
import { type Allocatable, resourceValue } from './resource-field.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { Container, EnvVarSource, NodePod } from './types.ts';

/** What a container refers to is not there: `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export interface EnvironmentSources {
  readonly addresses: PodAddresses;
  readonly allocatable: Allocatable;
  readonly services: readonly Service[];
  readonly objects: Pick<ReferencedObjects, 'configMap' | 'secret'>;
  /** Of the image; the Pod's own win. `fieldEnv`: variables of built-in images, by field path. */
  readonly image: {
    readonly env: Readonly<Record<string, string>>;
    readonly fieldEnv: Readonly<Record<string, string>>;
  };
}

type Variables = Record<string, string>;

/** A container's whole environment. Rejects with a {@link ContainerConfigError}. */
export async function environment(
  pod: NodePod,
  container: Container,
  sources: EnvironmentSources,
): Promise<Readonly<Variables>> {
  const services = serviceEnvironment(sources.services, {
    namespace: pod.metadata.namespace,
    enableServiceLinks: pod.spec.enableServiceLinks ?? true,
  });
  const own: Variables = await envFrom(pod, container, sources);
  for (const { name, value, valueFrom } of container.env ?? []) {
    // A variable may use those before it, and those of Services.
    const known = { ...services, ...own };
    const found = valueFrom ? await referredValue(pod, container, { valueFrom, sources }) : expand(value ?? '', known);
    if (found !== undefined) own[name] = found;
  }
  const { env, fieldEnv } = sources.image;
  const about = Object.entries(fieldEnv).map(([name, path]) => [name, fieldValue(pod, path, sources.addresses)]);
  return { ...env, ...Object.fromEntries(about), ...services, ...own };
}

async function envFrom(pod: NodePod, container: Container, { objects }: EnvironmentSources): Promise<Variables> {
  const variables: Variables = {};
  const { namespace } = pod.metadata;
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (!ref?.name) continue;
    const key = { namespace, name: ref.name };
    const data = configMapRef ? dataOf(await objects.configMap(key)) : decodedData(await objects.secret(key));
    if (!data && ref.optional !== true) throw missing(configMapRef ? 'configmap' : 'secret', ref.name);
    for (const [name, value] of Object.entries(data ?? {})) variables[prefix + name] = value;
  }
  return variables;
}

/** Undefined where the variable is not to be set: an optional reference to nothing. */
async function referredValue(
  pod: NodePod,
  container: Container,
  { valueFrom, sources }: { valueFrom: EnvVarSource; sources: EnvironmentSources },
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, sources.addresses);
  if (resourceFieldRef) {
    const of = resourceFieldRef.containerName;
    const target = of ? pod.spec.containers.find(({ name }) => name === of) : container;
    return resourceValue(target, resourceFieldRef, sources.allocatable);
  }
  const ref = configMapKeyRef ?? secretKeyRef;
  if (!ref) return undefined;
  const { name = '', key, optional = false } = ref;
  const { namespace } = pod.metadata;
  const target = { namespace, name };
  const data = configMapKeyRef
    ? dataOf(await sources.objects.configMap(target))
    : decodedData(await sources.objects.secret(target));
  if (!data && !optional) throw missing(configMapKeyRef ? 'configmap' : 'secret', name);
  const value = data?.[key];
  if (value === undefined && !optional) {
    const kind = configMapKeyRef ? 'ConfigMap' : 'Secret';
    throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${name}`);
  }
  return value;
}

function dataOf(object: ConfigMap | undefined): Readonly<Variables> | undefined {
  return object && (object.data ?? {});
}

function decodedData(object: Secret | undefined): Variables | undefined {
  if (!object) return undefined;
  const entries = Object.entries(object.data ?? {});
  return Object.fromEntries(entries.map(([key, text]) => [key, String(Buffer.from(text, 'base64'))]));
}

function missing(kind: string, name: string): ContainerConfigError {
  return new ContainerConfigError(`${kind} "${name}" not found`);
}
