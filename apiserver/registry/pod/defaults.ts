import type { Pod } from '@skiff/api/types';
import { containersOf, defaultPodSpec, type PodSpec } from '../pod-template/defaults.ts';
import { requestLimits } from './resources.ts';

/** A Pod's spec, made where there is none: what is missing is for validation to report. */
export function specOf(pod: Pod): PodSpec {
  pod.spec ??= { containers: [] };
  return pod.spec;
}

/** Fills in what a Pod leaves open (upstream: SetDefaults_Pod). Mutates. */
export function defaultPod(pod: Pod): void {
  const spec = specOf(pod);
  requestLimits(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    for (const { ports } of containersOf(spec)) for (const port of ports ?? []) port.hostPort ||= port.containerPort;
  }
  defaultPodSpec(spec);
  syncAddresses(pod);
}

/** The one address and the list of addresses are kept in step; where both are given, the one counts. Mutates. */
function syncAddresses({ status }: Pod): void {
  if (!status) return;
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && first) status.podIP = first;
}
