import { isDeepStrictEqual } from 'node:util';
import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { forbiddenField, invalidValue } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { mirrorAnnotation } from '../pod-template/annotation-validation.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import { qosClass } from './resources.ts';

type Resources = Wire<V1ResourceRequirements>;
const lists = ['containers', 'initContainers'] as const;
const resizable = ['cpu', 'memory'];

/** Of the wanted Pod only what a resize may change: resources and resize policies. Mutates `pod`. */
export function keepButResources(pod: Pod, old: Pod): void {
  const [wanted, spec] = [pod.spec ?? { containers: [] }, structuredClone(old.spec ?? { containers: [] })];
  const sameContainers = lists.every((list) =>
    isDeepStrictEqual(
      (wanted[list] ?? []).map(({ name }) => name),
      (spec[list] ?? []).map(({ name }) => name),
    ),
  );
  const { resourceVersion } = pod.metadata;
  pod.metadata = { ...structuredClone(old.metadata), ...(resourceVersion && { resourceVersion }) };
  pod.status = structuredClone(old.status ?? {});
  // Other containers are for validation to refuse.
  if (!sameContainers) return;
  for (const list of lists) {
    for (const [index, { resizePolicy, resources }] of (wanted[list] ?? []).entries()) {
      const container = spec[list]?.[index];
      if (!container) continue;
      if (resources) container.resources = resources;
      else delete container.resources;
      if (resizePolicy) container.resizePolicy = resizePolicy;
      else delete container.resizePolicy;
    }
  }
  if (wanted.resources) spec.resources = wanted.resources;
  else delete spec.resources;
  pod.spec = spec;
}

function validateOrder(spec: PodSpec, old: PodSpec): StatusCause[] {
  return lists.flatMap((list) => {
    const [now, before] = [spec[list] ?? [], old[list] ?? []];
    if (now.length !== before.length) {
      return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)];
    }
    return before.flatMap(({ name }, index) =>
      now[index]?.name === name
        ? []
        : [forbiddenField(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
    );
  });
}

function validateRemoved(now: Resources, before: Resources, field: string, what = 'resource'): StatusCause[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const removed = Object.keys(before[list] ?? {}).some((name) => now[list]?.[name] === undefined);
    return removed ? [forbiddenField(`${field}.${list}`, `${what} ${list} cannot be removed`)] : [];
  });
}

/** The resources with the amounts that can be resized as they were. */
function withoutResizable(now: Resources | undefined, before: Resources | undefined): Resources {
  const result: Resources = { ...now };
  for (const list of ['limits', 'requests'] as const) {
    const amounts: Record<string, string> = { ...now?.[list] };
    for (const name of resizable) {
      const amount = before?.[list]?.[name];
      if (amount === undefined) delete amounts[name];
      else amounts[name] = amount;
    }
    if (Object.keys(amounts).length) result[list] = amounts;
    else delete result[list];
  }
  return result;
}

const sameButResizable = (now: { resources?: Resources }, before: { resources?: Resources }): boolean =>
  isDeepStrictEqual(
    { ...now, resources: withoutResizable(now.resources, before.resources) },
    { ...before, resources: before.resources ?? {} },
  );

/** A node reports what its containers have; one that does not cannot resize them. */
function canResize({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return running === undefined || running.resources !== undefined;
}

const nowhere = (why: string): StatusCause[] => [forbiddenField('', why)];

/** What a resize may change (upstream: ValidatePodResize). */
export function validateResize(pod: Pod, old: Pod): StatusCause[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) return nowhere('static pods cannot be resized');
  const [spec, before] = [pod.spec ?? { containers: [] }, old.spec ?? { containers: [] }];
  if (before.os?.name === 'windows') return nowhere('windows pods cannot be resized');
  const causes: StatusCause[] = [];
  if ((old.status?.qosClass ?? qosClass(before)) !== qosClass(spec)) {
    const rule = 'Pod QOS Class may not change as a result of resizing';
    causes.push(invalidValue('spec', pod.status?.qosClass ?? '', rule));
  }
  if (!canResize(old)) causes.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  if (before.resources) {
    if (!spec.resources) causes.push(forbiddenField('spec.resources', 'pod-level resources cannot be removed'));
    else causes.push(...validateRemoved(spec.resources, before.resources, 'spec.resources', 'pod-level resource'));
  }
  if (!isDeepStrictEqual(withoutResizable(spec.resources, before.resources), before.resources ?? {})) {
    causes.push(forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level'));
  }
  const order = validateOrder(spec, before);
  if (order.length) return [...causes, ...order];
  for (const list of lists) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      const was = before[list]?.[index] ?? { name: '' };
      const at = `spec.${list}[${index}]`;
      causes.push(...validateRemoved(container.resources ?? {}, was.resources ?? {}, `${at}.resources`));
      if (sameButResizable(container, was)) continue;
      causes.push(
        list === 'containers'
          ? forbiddenField('spec', 'only cpu and memory resources are mutable')
          : forbiddenField(at, 'only cpu and memory resources for init or sidecar containers are mutable'),
      );
    }
  }
  return causes;
}
