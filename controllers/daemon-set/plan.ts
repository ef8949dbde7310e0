import type { ControllerRevision, DaemonSet, Node, Pod } from '@skiff/api/types';
import { isPodFinished, isPodReady, untilAvailable } from '../pod-state.ts';
import { fits, isOf, nodeOf } from './daemon-pod.ts';

type Status = NonNullable<DaemonSet['status']>;

export interface DaemonPlan {
  /** Names of nodes that need a Pod. */
  readonly create: readonly string[];
  readonly delete: readonly Pod[];
  readonly status: Status;
  /** When a Pod that is ready becomes available. */
  readonly nextChangeMs?: number;
}

interface Given {
  readonly nodes: Iterable<Node>;
  readonly pods: readonly Pod[];
  readonly update: ControllerRevision;
  readonly now: number;
  /** Whether the Pods are all that were made; before that none are made or deleted. */
  readonly settled: boolean;
}

const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const bornFirst = (a: Pod, b: Pod): number =>
  Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '');

/** How many of some Pods a number or percentage is. Shares are rounded up. */
export function shareOf(value: number | string | undefined, total: number): number {
  if (typeof value === 'number') return value;
  return value === undefined ? 0 : Math.ceil((Number.parseInt(value, 10) * total) / 100);
}

/** The Pods of a node: of the revision that the set goes to, and of older ones. */
interface NodePods {
  readonly node: string;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

/** Decides what a DaemonSet needs (upstream: pkg/controller/daemon). */
export function planDaemons(set: DaemonSet, given: Given): DaemonPlan {
  const { pods, update, now, settled } = given;
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod) ?? '';
    byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  const nodes = [...given.nodes].map((node) => ({
    node,
    ...fits(set, node),
    own: byNode.get(node.metadata.name) ?? [],
  }));
  const known = new Set(nodes.map(({ node }) => node.metadata.name));

  const create: string[] = [];
  const doomed: Pod[] = [];
  const kept: NodePods[] = [];
  const surges = shareOf(set.spec?.updateStrategy?.rollingUpdate?.maxSurge, nodes.filter(({ run }) => run).length) > 0;
  for (const { node, run, stay, own } of nodes) {
    if (!stay) doomed.push(...own);
    else if (own.length > 0) {
      // One that ended is made anew once it is gone.
      doomed.push(...own.filter(isPodFinished));
      const alive = own.filter((pod) => !isPodFinished(pod)).sort(bornFirst);
      const fresh = alive.filter((pod) => isOf(pod, update));
      const old = alive.filter((pod) => !isOf(pod, update));
      // Two may stand side by side only while one takes over from the other.
      doomed.push(...fresh.slice(1), ...(surges || fresh.length === 0 ? old.slice(1) : old));
      kept.push({ node: node.metadata.name, fresh: fresh[0], old: surges || !fresh[0] ? old[0] : undefined });
    } else if (run) create.push(node.metadata.name);
  }
  for (const [node, own] of byNode) if (!known.has(node)) doomed.push(...own);

  const wanted = nodes.filter(({ run }) => run).length;
  if (set.spec?.updateStrategy?.type === 'RollingUpdate') {
    const rollout = rollOut(set, kept, { wanted, missing: create.length, now });
    create.push(...rollout.create);
    doomed.push(...rollout.delete);
  }
  const isActive = settled && !set.metadata.deletionTimestamp;
  const { status, nextChangeMs } = statusOf(set, nodes, given);
  return {
    create: isActive ? create : [],
    delete: isActive ? [...new Set(doomed)].filter((pod) => !isTerminating(pod)) : [],
    status,
    ...(nextChangeMs !== undefined && { nextChangeMs }),
  };
}

/** Replaces old Pods, within what may be away or too much at a time. */
function rollOut(
  set: DaemonSet,
  kept: readonly NodePods[],
  { wanted, missing, now }: { wanted: number; missing: number; now: number },
): { create: string[]; delete: Pod[] } {
  const { maxUnavailable, maxSurge } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const isAvailable = (pod: Pod | undefined): boolean =>
    pod !== undefined && !isTerminating(pod) && untilAvailable(pod, set.spec?.minReadySeconds ?? 0, now) === 0;
  const surge = shareOf(maxSurge, wanted);
  if (surge > 0) {
    const create: string[] = [];
    const gone: Pod[] = [];
    const standing = kept.filter(({ fresh, old }) => fresh && old);
    let room = surge - standing.length;
    for (const { fresh, old } of standing) if (old && isAvailable(fresh)) gone.push(old);
    for (const { node, fresh, old } of kept) {
      // The place of one that is away may be taken at once.
      if (fresh || !old || isTerminating(old)) continue;
      if (!isAvailable(old)) create.push(node);
      else if (room-- > 0) create.push(node);
    }
    return { create, delete: gone };
  }
  const away = missing + kept.filter(({ fresh, old }) => !isAvailable(fresh ?? old)).length;
  const outdated = kept.flatMap(({ fresh, old }) => (!fresh && old && !isTerminating(old) ? [old] : []));
  const broken = outdated.filter((pod) => !isAvailable(pod));
  const healthy = outdated.filter(isAvailable);
  const room = Math.max(0, Math.max(1, shareOf(maxUnavailable ?? 1, wanted)) - away);
  return { create: [], delete: [...broken, ...healthy.slice(0, room)] };
}

interface Fitted {
  readonly run: boolean;
  readonly own: readonly Pod[];
}

function statusOf(
  set: DaemonSet,
  nodes: readonly Fitted[],
  { update, now }: Given,
): { status: Status; nextChangeMs: number | undefined } {
  const seconds = set.spec?.minReadySeconds ?? 0;
  const running = nodes.filter(({ run }) => run);
  const first = running.flatMap(({ own }) => [...own].sort(bornFirst).slice(0, 1));
  const ready = first.filter(isPodReady);
  const waits = ready.map((pod) => untilAvailable(pod, seconds, now) ?? 0);
  const available = waits.filter((ms) => ms === 0).length;
  const updated = running.filter(({ own }) => own.some((pod) => isOf(pod, update))).length;
  const unavailable = running.length - available;
  const { collisionCount, conditions } = set.status ?? {};
  const next = waits.filter((ms) => ms > 0);
  return {
    status: {
      currentNumberScheduled: first.length,
      numberMisscheduled: nodes.filter(({ run, own }) => !run && own.length > 0).length,
      desiredNumberScheduled: running.length,
      numberReady: ready.length,
      ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
      ...(updated && { updatedNumberScheduled: updated }),
      ...(available && { numberAvailable: available }),
      ...(unavailable && { numberUnavailable: unavailable }),
      ...(collisionCount !== undefined && { collisionCount }),
      ...(conditions && { conditions }),
    },
    nextChangeMs: next.length > 0 ? Math.min(...next) : undefined,
  };
}
