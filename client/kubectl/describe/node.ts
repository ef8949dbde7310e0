import { humanDuration } from '@skiff/api/human-duration';
import { Quantity } from '@skiff/api/quantity';
import type { Node, Pod } from '@skiff/api/types';
import { byBytes } from '../print/go-json.ts';
import type { Session } from '../session.ts';
import type { Describer } from './describer.ts';
import { Lines, longTime } from './lines.ts';
import { type Amounts, podAmounts } from './pod-amounts.ts';

export const describeNode: Describer<Node> = async (node, { session, now, events }) => {
  const { metadata, spec, status } = node;
  const lines = new Lines().add(`Name:\t${metadata.name}`).add(`Roles:\t${rolesOf(node)}`);
  lines.labels('Labels', metadata.labels).annotations(metadata.annotations);
  lines.add(`CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  const taints = (spec?.taints ?? [])
    .toSorted((a, b) => byBytes(`${a.effect},${a.key}`, `${b.effect},${b.key}`))
    .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`);
  lines.add(`Taints:\t${taints[0] ?? '<none>'}`);
  for (const taint of taints.slice(1)) lines.add(`\t${taint}`);
  lines.add(`Unschedulable:\t${spec?.unschedulable ?? false}`);
  lines.raw((await leaseLines(session, metadata.name)).text);
  if (status?.conditions?.length) {
    lines.add('Conditions:').add('Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage', 1);
    lines.add('----\t------\t-----------------\t------------------\t------\t-------', 1);
    for (const { type, status: state, lastHeartbeatTime, lastTransitionTime, reason, message } of status.conditions) {
      lines.add(
        `${type} \t${state} \t${longTime(lastHeartbeatTime)} \t${longTime(lastTransitionTime)} \t${reason ?? ''} \t${message ?? ''}`,
        1,
      );
    }
  }
  lines.add('Addresses:');
  for (const { type, address } of status?.addresses ?? []) lines.add(`${type}:\t${address}`, 1);
  for (const [title, amounts] of [
    ['Capacity', status?.capacity],
    ['Allocatable', status?.allocatable],
  ] as const) {
    if (!amounts || Object.keys(amounts).length === 0) continue;
    lines.add(`${title}:`);
    for (const [name, amount] of Object.entries(amounts).toSorted(([a], [b]) => byBytes(a, b)))
      lines.add(`${name}:\t${amount}`, 1);
  }
  const info = status?.nodeInfo;
  lines
    .add('System Info:')
    .add(`Machine ID:\t${info?.machineID ?? ''}`, 1)
    .add(`System UUID:\t${info?.systemUUID ?? ''}`, 1)
    .add(`Boot ID:\t${info?.bootID ?? ''}`, 1)
    .add(`Kernel Version:\t${info?.kernelVersion ?? ''}`, 1)
    .add(`OS Image:\t${info?.osImage ?? ''}`, 1)
    .add(`Operating System:\t${info?.operatingSystem ?? ''}`, 1)
    .add(`Architecture:\t${info?.architecture ?? ''}`, 1)
    .add(`Container Runtime Version:\t${info?.containerRuntimeVersion ?? ''}`, 1)
    .add(`Kubelet Version:\t${info?.kubeletVersion ?? ''}`, 1)
    .add(`Kube-Proxy Version:\t${info?.kubeProxyVersion ?? ''}`, 1);
  if (spec?.podCIDR) lines.add(`PodCIDR:\t${spec.podCIDR}`);
  if (spec?.podCIDRs?.length) lines.add(`PodCIDRs:\t${spec.podCIDRs.join(',')}`);
  if (spec?.providerID) lines.add(`ProviderID:\t${spec.providerID}`);
  const fieldSelector = `spec.nodeName=${metadata.name},status.phase!=Failed,status.phase!=Succeeded`;
  const { items } = await session.client.resource('Pod').list({ fieldSelector, signal: session.signal });
  describePods(lines, { pods: items, allocatable: status?.allocatable ?? status?.capacity ?? {}, now });
  return lines.raw(events).text;
};

/** What holds the node's lease; where it can't be read, why. */
async function leaseLines(session: Session, name: string): Promise<Lines> {
  const lines = new Lines();
  try {
    const { spec } = await session.client.resource('Lease').get({ namespace: 'kube-node-lease', name });
    lines.add('Lease:').add(`HolderIdentity:\t${spec?.holderIdentity ?? '<unset>'}`, 1);
    lines.add(`AcquireTime:\t${spec?.acquireTime ? longTime(spec.acquireTime) : '<unset>'}`, 1);
    return lines.add(`RenewTime:\t${spec?.renewTime ? longTime(spec.renewTime) : '<unset>'}`, 1);
  } catch (error) {
    return lines.add(`Lease:\tFailed to get lease: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith('node-role.kubernetes.io/')) return [label.slice('node-role.kubernetes.io/'.length)];
    return label === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.filter(Boolean).toSorted(byBytes).join(',') || '<none>';
}

const standard = ['cpu', 'memory', 'ephemeral-storage'];

function describePods(
  lines: Lines,
  { pods, allocatable, now }: { pods: readonly Pod[]; allocatable: Readonly<Record<string, string>>; now: Date },
): void {
  lines.add(`Non-terminated Pods:\t(${pods.length} in total)`);
  lines.add('Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge', 1);
  lines.add('---------\t----\t\t------------\t----------\t---------------\t-------------\t---', 1);
  const percent = (name: string, amount: Quantity): number => {
    const whole = Quantity.tryParse(allocatable[name] ?? '0') ?? Quantity.zero;
    const all = Number(whole.toMilli());
    return all === 0 ? 0 : Math.trunc((Number(amount.toMilli()) / all) * 100);
  };
  const cell = (name: string, amounts: Amounts): string => {
    const amount = amounts.get(name) ?? Quantity.zero;
    return `${amount} (${percent(name, amount)}%)`;
  };
  const total = { requests: new Map<string, Quantity>(), limits: new Map<string, Quantity>() };
  for (const pod of pods) {
    const { requests, limits } = podAmounts(pod);
    for (const [sum, amounts] of [
      [total.requests, requests],
      [total.limits, limits],
    ] as const) {
      for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? Quantity.zero).add(amount));
    }
    const age = humanDuration(now.getTime() - Date.parse(pod.metadata.creationTimestamp ?? ''));
    lines.add(
      `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cell('cpu', requests)}\t${cell('cpu', limits)}\t${cell('memory', requests)}\t${cell('memory', limits)}\t${age}`,
      1,
    );
  }
  lines.add('Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)');
  lines.add('Resource\tRequests\tLimits', 1).add('--------\t--------\t------', 1);
  for (const name of standard) lines.add(`${name}\t${cell(name, total.requests)}\t${cell(name, total.limits)}`, 1);
  const extended = Object.keys(allocatable)
    .filter((name) => !standard.includes(name) && name !== 'pods')
    .toSorted(byBytes);
  for (const name of extended)
    lines.add(`${name}\t${total.requests.get(name) ?? 0}\t${total.limits.get(name) ?? 0}`, 1);
}
