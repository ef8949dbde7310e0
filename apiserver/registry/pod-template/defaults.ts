import type { V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import { type Container, defaultContainer } from './container-defaults.ts';
import { defaultVolume } from './volume-defaults.ts';

export type PodSpec = Wire<V1PodSpec>;
export type PodTemplate = Wire<V1PodTemplateSpec>;

/** All containers of a Pod: initial ones, its own, and those that were added to look into it. */
export function containersOf(spec: PodSpec): Container[] {
  // Ephemeral containers have the fields of containers.
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** Fills in what a Pod's spec leaves open, in Pods and templates alike (upstream: SetDefaults_PodSpec). Mutates. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  // Two names of one field: the old one is kept in step.
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const container of containersOf(spec)) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

/** Fills in what a template leaves open. Mutates. */
export function defaultPodTemplate(template: PodTemplate): void {
  template.spec ??= { containers: [] };
  defaultPodSpec(template.spec);
}
