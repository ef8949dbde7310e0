import type { Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { Quantity } from '@skiff/api/quantity';
import { type Amounts, readAmounts } from '@skiff/api/quota/amounts';
import { podAmounts } from '@skiff/api/quota/pod-amounts';
import { forbidden } from '@skiff/api/status';
import type { LimitRange, PersistentVolumeClaim, Pod } from '@skiff/api/types';
import type { WriteContext } from '../registry/strategy.ts';

type Item = NonNullable<LimitRange['spec']>['limits'][number];
type Container = NonNullable<Pod['spec']>['containers'][number];

const annotation = 'kubernetes.io/limit-ranger';

function itemsOf(context: WriteContext, namespace: string | undefined, type: string): Item[] {
  // What was listed are LimitRanges.
  const ranges = context.list('LimitRange', namespace) as readonly unknown[] as readonly LimitRange[];
  return ranges.flatMap(({ spec }) => spec?.limits ?? []).filter((item) => item.type === type);
}

/** Gives a container what it does not say; returns what was given, in words. */
function fill(container: Container, items: readonly Item[], what: string): string[] {
  const given = { request: new Set<string>(), limit: new Set<string>() };
  const resources = container.resources ?? {};
  for (const item of items) {
    for (const [name, amount] of Object.entries(item.default ?? {})) {
      if (resources.limits?.[name] !== undefined) continue;
      resources.limits = { ...resources.limits, [name]: amount };
      given.limit.add(name);
    }
    for (const [name, amount] of Object.entries(item.defaultRequest ?? {})) {
      if (resources.requests?.[name] !== undefined) continue;
      resources.requests = { ...resources.requests, [name]: amount };
      given.request.add(name);
    }
  }
  container.resources = resources;
  return Object.entries(given).flatMap(([list, names]) =>
    names.size ? [`${[...names].sort().join(', ')} ${list} for ${what} ${container.name}`] : [],
  );
}

/** Gives the containers of a new Pod the defaults of its namespace (upstream: the LimitRanger admission plugin). Mutates. */
export function applyLimitDefaults(object: KubeObject, context: WriteContext): void {
  const { metadata, spec } = object as unknown as Pod; // only Pods come here
  const items = itemsOf(context, metadata.namespace, 'Container');
  if (!items.length || !spec) return;
  const given = [
    ...(spec.containers ?? []).flatMap((container) => fill(container, items, 'container')),
    ...(spec.initContainers ?? []).flatMap((container) => fill(container, items, 'init container')),
  ];
  if (!given.length) return;
  object.metadata.annotations = {
    ...metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${given.join('; ')}`,
  };
}

interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Where what is asked for leaves the bounds of an item. */
function violations(item: Item, { requests, limits }: Asked): string[] {
  const messages: string[] = [];
  for (const [name, bound] of readAmounts(item.min)) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    const rule = `minimum ${name} usage per ${item.type} is ${bound}`;
    if (!request) messages.push(`${rule}.  No request is specified`);
    else if (request.compare(bound) < 0) messages.push(`${rule}, but request is ${request}`);
    if (limit && limit.compare(bound) < 0) messages.push(`${rule}, but limit is ${limit}`);
  }
  for (const [name, bound] of readAmounts(item.max)) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    const rule = `maximum ${name} usage per ${item.type} is ${bound}`;
    if (!limit) messages.push(`${rule}.  No limit is specified`);
    else if (limit.compare(bound) > 0) messages.push(`${rule}, but limit is ${limit}`);
    if (request && request.compare(bound) > 0) messages.push(`${rule}, but request is ${request}`);
  }
  for (const [name, bound] of readAmounts(item.maxLimitRequestRatio)) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    const rule = `${name} max limit to request ratio per ${item.type} is ${bound}`;
    if (!request || request.isZero) messages.push(`${rule}, but no request is specified or request is 0`);
    else if (!limit || limit.isZero) messages.push(`${rule}, but no limit is specified or limit is 0`);
    else if (limit.toNumber() / request.toNumber() > bound.toNumber()) {
      messages.push(`${rule}, but provided ratio is ${(limit.toNumber() / request.toNumber()).toFixed(6)}`);
    }
  }
  return messages;
}

function podViolations(pod: Pod, context: WriteContext): string[] {
  const { namespace } = pod.metadata;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const perContainer = itemsOf(context, namespace, 'Container').flatMap((item) =>
    containers.flatMap(({ resources }) =>
      violations(item, { requests: readAmounts(resources?.requests), limits: readAmounts(resources?.limits) }),
    ),
  );
  const whole = { requests: podAmounts(pod, 'requests'), limits: podAmounts(pod, 'limits') };
  return [...perContainer, ...itemsOf(context, namespace, 'Pod').flatMap((item) => violations(item, whole))];
}

/** A claim has no limits: its request is held against both bounds. */
function claimViolations({ metadata, spec }: PersistentVolumeClaim, context: WriteContext): string[] {
  const storage = Quantity.tryParse(spec?.resources?.requests?.['storage'] ?? '');
  if (!storage) return [];
  return itemsOf(context, metadata.namespace, 'PersistentVolumeClaim').flatMap(({ min, max, type }) => {
    const [least, most] = [readAmounts(min).get('storage'), readAmounts(max).get('storage')];
    return [
      ...(least && storage.compare(least) < 0
        ? [`minimum storage usage per ${type} is ${least}, but request is ${storage}`]
        : []),
      ...(most && storage.compare(most) > 0
        ? [`maximum storage usage per ${type} is ${most}, but request is ${storage}`]
        : []),
    ];
  });
}

/** Throws 403 where a Pod or a claim asks for less or more than its namespace allows. */
export function checkLimits(kind: Kind, object: KubeObject, context: WriteContext): void {
  // The kind says what the object is.
  const messages =
    kind.kind === 'Pod'
      ? podViolations(object as unknown as Pod, context)
      : claimViolations(object as unknown as PersistentVolumeClaim, context);
  if (!messages.length) return;
  throw forbidden(kind, object.metadata.name, messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]`);
}
