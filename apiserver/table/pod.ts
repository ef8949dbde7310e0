import type { Pod } from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none, type RowCondition, wide } from './columns.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

export const columns = [
  nameColumn,
  column('Ready', { description: 'The aggregate readiness state of this pod for accepting traffic.' }),
  column('Status', { description: 'The aggregate status of the containers in this pod.' }),
  column('Restarts', { description: 'The number of times the containers in this pod have been restarted.' }),
  ageColumn,
  wide('IP'),
  wide('Node'),
  wide('Nominated Node'),
  wide('Readiness Gates'),
];

const hasCondition = (pod: Pod, type: string): boolean =>
  pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const endedBecause = (ended: { reason?: string; signal?: number; exitCode: number }): string =>
  ended.reason || (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`);

/** Restarts of some containers, and when the last one was. */
class Restarts {
  count = 0;
  last = '';

  add(status: ContainerStatus): void {
    this.count += status.restartCount;
    const finished = status.lastState?.terminated?.finishedAt ?? '';
    if (finished > this.last) this.last = finished;
  }

  format(now: Date): string {
    return this.count && this.last ? `${this.count} (${ageOf(this.last, now)} ago)` : String(this.count);
  }
}

interface Summary {
  ready: number;
  total: number;
  reason: string;
  restarts: Restarts;
}

function summarize(pod: Pod): Summary {
  const { spec, status } = pod;
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter((init) => init.restartPolicy === 'Always').map((init) => init.name),
  );
  let restarts = new Restarts();
  const sidecarRestarts = new Restarts();
  let reason = status?.reason || status?.phase || '';
  let ready = 0;
  let initializing = false;
  const gated = status?.conditions?.some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  );
  if (gated) reason = 'SchedulingGated';
  for (const [index, init] of (status?.initContainerStatuses ?? []).entries()) {
    restarts.add(init);
    const sidecar = sidecars.has(init.name);
    if (sidecar) sidecarRestarts.add(init);
    const ended = init.state?.terminated;
    if (ended?.exitCode === 0) continue;
    if (sidecar && init.started) {
      if (init.ready) ready++;
      continue;
    }
    initializing = true;
    const waiting = init.state?.waiting?.reason;
    if (ended) reason = `Init:${endedBecause(ended)}`;
    else if (waiting && waiting !== 'PodInitializing') reason = `Init:${waiting}`;
    else reason = `Init:${index}/${spec?.initContainers?.length ?? 0}`;
    break;
  }
  if (!initializing || hasCondition(pod, 'Initialized')) {
    restarts = sidecarRestarts;
    let running = false;
    for (const container of (status?.containerStatuses ?? []).toReversed()) {
      restarts.add(container);
      const { waiting, terminated } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = endedBecause(terminated);
      else if (container.ready && container.state?.running) {
        running = true;
        ready++;
      }
    }
    if (reason === 'Completed' && running) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp) {
    if (status?.reason === 'NodeLost') reason = 'Unknown';
    else if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') reason = 'Terminating';
  }
  return { ready, total: (spec?.containers.length ?? 0) + sidecars.size, reason, restarts };
}

export function cells(pod: Pod, now: Date): Cell[] {
  const { ready, total, reason, restarts } = summarize(pod);
  const gates = pod.spec?.readinessGates ?? [];
  return [
    pod.metadata.name,
    `${ready}/${total}`,
    reason,
    restarts.format(now),
    ageOf(pod.metadata.creationTimestamp, now),
    pod.status?.podIPs?.[0]?.ip || none,
    pod.spec?.nodeName || none,
    pod.status?.nominatedNodeName || none,
    gates.length ? `${gates.filter((gate) => hasCondition(pod, gate.conditionType)).length}/${gates.length}` : none,
  ];
}

/** Finished Pods say so, and kubectl can leave them out. */
export function conditions(pod: Pod): readonly RowCondition[] {
  const completed = { type: 'Completed', status: 'True' };
  switch (pod.status?.phase) {
    case 'Succeeded':
      return [{ ...completed, reason: 'Succeeded', message: 'The pod has completed successfully.' }];
    case 'Failed':
      return [{ ...completed, reason: 'Failed', message: 'The pod failed.' }];
    default:
      return [];
  }
}
