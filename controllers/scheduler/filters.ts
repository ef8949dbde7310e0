import { matchesAffinity, matchesNodeSelector } from '@skiff/api/selectors/node-affinity';
import type { Pod } from '@skiff/api/types';
import { type HostPort, hostPorts, type NodeInfo } from './node-info.ts';
import { podRequests } from './requests.ts';
import { untolerated } from './taints.ts';

/** Why a node can't take a Pod, in Kubernetes' words, and whether the end of other Pods could change it. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly preemptionCouldHelp: boolean;
}

type Filter = (pod: Pod, info: NodeInfo) => Refusal | undefined;

const refuse = (reason: string, preemptionCouldHelp = false): Refusal => ({ reasons: [reason], preemptionCouldHelp });

/** In this order; the first that refuses speaks for the node. */
const filters: readonly Filter[] = [isSchedulable, isTolerated, hasAffinity, hasPorts, hasRoom];

/** Undefined where the node can take the Pod. */
export function refusal(pod: Pod, info: NodeInfo): Refusal | undefined {
  for (const filter of filters) {
    const refused = filter(pod, info);
    if (refused) return refused;
  }
  return undefined;
}

function isSchedulable(pod: Pod, { node }: NodeInfo): Refusal | undefined {
  if (!node.spec?.unschedulable) return undefined;
  const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  return untolerated(pod, [taint]) ? refuse('node(s) were unschedulable') : undefined;
}

function isTolerated(pod: Pod, { node }: NodeInfo): Refusal | undefined {
  const hard = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return untolerated(pod, hard) ? refuse('node(s) had untolerated taint(s)') : undefined;
}

function hasAffinity(pod: Pod, { node }: NodeInfo): Refusal | undefined {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fits = matchesNodeSelector(pod.spec?.nodeSelector, node) && (!required || matchesAffinity(required, node));
  return fits ? undefined : refuse("node(s) didn't match Pod's node affinity/selector");
}

function hasPorts(pod: Pod, info: NodeInfo): Refusal | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  const taken = [...info.pods()].flatMap(hostPorts);
  const clash = wanted.some((port) => taken.some((other) => clashes(port, other)));
  return clash ? refuse("node(s) didn't have free ports for the requested pod ports", true) : undefined;
}

const clashes = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');

function hasRoom(pod: Pod, info: NodeInfo): Refusal | undefined {
  const reasons: string[] = [];
  for (const [name, amount] of podRequests(pod)) {
    if (amount === 0) continue;
    const free = (info.allocatable.get(name) ?? 0) - info.requested(name);
    if (amount > free) reasons.push(name === 'pods' ? 'Too many pods' : `Insufficient ${name}`);
  }
  return reasons.length > 0 ? { reasons, preemptionCouldHelp: true } : undefined;
}
