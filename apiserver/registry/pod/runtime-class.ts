import { isDeepStrictEqual } from 'node:util';
import { kindNamed } from '@skiff/api/kinds';
import { forbidden, type StatusError } from '@skiff/api/status';
import type { Pod, RuntimeClass } from '@skiff/api/types';
import { askedName } from '../asked-name.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import type { WriteContext } from '../strategy.ts';

/**
 * Gives a new Pod the overhead, the nodes and the tolerations of its runtime class (upstream: the RuntimeClass admission plugin).
 * Mutates. Throws 403 where there is no such class or where the Pod contradicts it.
 */
export function admitRuntimeClass(pod: Pod & { spec: PodSpec }, context: WriteContext): void {
  const { spec } = pod;
  const refuse = (why: string): StatusError => forbidden(kindNamed('Pod'), askedName(pod.metadata), why);
  const name = spec.runtimeClassName;
  // What is read is a RuntimeClass.
  const chosen = name
    ? (context.read('RuntimeClass', undefined, name) as unknown as RuntimeClass | undefined)
    : undefined;
  if (name && !chosen) throw refuse(`pod rejected: RuntimeClass "${name}" not found`);
  if (!chosen?.overhead) {
    if (spec.overhead)
      throw refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  } else {
    const { podFixed = {} } = chosen.overhead;
    if (spec.overhead && !isDeepStrictEqual({ ...spec.overhead }, { ...podFixed })) {
      throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    if (Object.keys(podFixed).length) spec.overhead = { ...podFixed };
  }
  const { nodeSelector = {}, tolerations = [] } = chosen?.scheduling ?? {};
  for (const [key, value] of Object.entries(nodeSelector)) {
    const given = spec.nodeSelector?.[key];
    if (given !== undefined && given !== value) {
      throw refuse(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given}`,
      );
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  const given = spec.tolerations ?? [];
  const more = tolerations.filter((toleration) => !given.some((one) => isDeepStrictEqual(one, toleration)));
  if (more.length) spec.tolerations = [...given, ...structuredClone(more)];
}
