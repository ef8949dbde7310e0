import type { Node } from '@skiff/api/types';
import { formatTime } from '../clock.ts';
import { availableMemoryKiB, freeDiskShare } from './machine.ts';

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];
type Finding = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The kubelet's default eviction thresholds: memory.available<100Mi, nodefs.available<10%. */
const LEAST_MEMORY_KIB = 100 * 1024;
/** Lower than the kubelet's 10 %: this node shares its disk with a user's own files, and evicts nothing. */
const LEAST_DISK_SHARE = 0.03;

/** How the node is now. `notReady` says why it can't run Pods yet. */
export function nodeFindings(options: { dataDir: string; notReady?: string | undefined }): Finding[] {
  const memory = availableMemoryKiB() < LEAST_MEMORY_KIB;
  const disk = freeDiskShare(options.dataDir) < LEAST_DISK_SHARE;
  return [
    memory
      ? finding('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : finding('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    disk
      ? finding('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : finding('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    finding('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    finding(
      'LimitsEnforced',
      'False',
      'ContainersWithoutCgroups',
      'resource limits of containers are not enforced here; requests count for scheduling',
    ),
    options.notReady === undefined
      ? finding('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : finding('Ready', 'False', 'KubeletNotReady', options.notReady),
  ];
}

/** Findings as conditions: with the time since when they have been so. */
export function nodeConditions(
  findings: readonly Finding[],
  before: readonly NodeCondition[],
  now: number,
): NodeCondition[] {
  const time = formatTime(now);
  return findings.map((found) => {
    const old = before.find(({ type }) => type === found.type);
    const since = old?.status === found.status ? old.lastTransitionTime : undefined;
    return { ...found, lastHeartbeatTime: time, lastTransitionTime: since ?? time };
  });
}

/** Whether a heartbeat would say anything new. */
export function sameFindings(findings: readonly Finding[], before: readonly NodeCondition[]): boolean {
  return findings.every((found) =>
    before.some(
      ({ type, status, reason, message }) =>
        type === found.type && status === found.status && reason === found.reason && message === found.message,
    ),
  );
}

function finding(type: string, status: 'True' | 'False', reason: string, message: string): Finding {
  return { type, status, reason, message };
}
