import type { Node } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none, wide } from './columns.ts';

export const columns = [
  nameColumn,
  column('Status'),
  column('Roles'),
  ageColumn,
  column('Version'),
  wide('Internal-IP'),
  wide('External-IP'),
  wide('OS-Image'),
  wide('Kernel-Version'),
  wide('Container-Runtime'),
];

const rolePrefix = 'node-role.kubernetes.io/';

function roles(node: Node): string {
  const found = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith(rolePrefix) && label.length > rolePrefix.length) found.add(label.slice(rolePrefix.length));
    else if (label === 'kubernetes.io/role' && value) found.add(value);
  }
  return [...found].sort().join(',') || none;
}

function statusOf(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node.spec?.unschedulable ? `${state},SchedulingDisabled` : state;
}

export function cells(node: Node, now: Date): Cell[] {
  const address = (type: string): string =>
    node.status?.addresses?.find((candidate) => candidate.type === type)?.address ?? none;
  const info = node.status?.nodeInfo;
  return [
    node.metadata.name,
    statusOf(node),
    roles(node),
    ageOf(node.metadata.creationTimestamp, now),
    info?.kubeletVersion ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    info?.osImage || '<unknown>',
    info?.kernelVersion || '<unknown>',
    info?.containerRuntimeVersion || '<unknown>',
  ];
}
