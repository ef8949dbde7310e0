import type { Pod } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { broken, ok, warning } from '../verdict.ts';
import { count, hasSelector, isNodeReady, isPodReady, kubectl, selectedPods, type World } from '../world.ts';

/** Are the Pods Ready, and if not, why? */
export const readyPodsLink: Link = {
  name: 'pods',
  needs: ['selector'],
  applies: hasSelector,
  check(world) {
    const pods = selectedPods(world);
    const waiting = pods.filter((pod) => !isPodReady(pod));
    if (pods.length === 0) return warning('there are none yet');
    if (waiting.length === 0) return ok(`all ${count(pods.length, 'Pod')} Ready`);
    const reasons = waiting.map((pod) => ({ pod, ...reasonOf(world, pod) }));
    const more = {
      evidence: reasons.slice(0, 5).map(({ pod, why }) => `pod/${pod.metadata.name}: ${why}`),
      mend: [...new Set(reasons.map(({ mend }) => mend))].slice(0, 3),
    };
    const says = `${pods.length - waiting.length} of ${count(pods.length, 'Pod')} Ready`;
    if (waiting.length < pods.length) return warning(says, more);
    if (world.service?.spec?.publishNotReadyAddresses)
      return warning(`${says}; the Service sends to them all the same (publishNotReadyAddresses)`, more);
    return broken(says, more);
  },
};

/** Why a Pod is not Ready, the first cause first, and where to look on. */
function reasonOf(world: World, pod: Pod): { why: string; mend: string } {
  const { name, deletionTimestamp } = pod.metadata;
  const describe = kubectl(world, `describe pod/${name}`);
  if (deletionTimestamp) return { why: 'it is ending', mend: kubectl(world, 'get pods -w') };
  const condition = (wanted: string) => pod.status?.conditions?.find(({ type }) => type === wanted);
  const scheduled = condition('PodScheduled');
  if (scheduled?.status === 'False')
    return { why: `not scheduled: ${scheduled.message ?? scheduled.reason ?? ''}`, mend: describe };
  if (!pod.spec?.nodeName) return { why: 'it waits for the scheduler', mend: describe };
  const node = world.nodes.find(({ metadata }) => metadata.name === pod.spec?.nodeName);
  if (node && !isNodeReady(node))
    return { why: `its node ${node.metadata.name} is not Ready`, mend: `kubectl describe node ${node.metadata.name}` };
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name: container, state, lastState, restartCount } of statuses) {
    const { waiting, terminated } = state ?? {};
    if (waiting && waiting.reason === 'CrashLoopBackOff') {
      const code = lastState?.terminated?.exitCode;
      return {
        why: `container ${container} crashes: it ended with ${code ?? '?'}, ${count(restartCount, 'restart')}`,
        mend: kubectl(world, `logs ${name} -c ${container} --previous`),
      };
    }
    if (waiting?.reason && waiting.reason !== 'ContainerCreating' && waiting.reason !== 'PodInitializing') {
      return {
        why: `container ${container}: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}`,
        mend: describe,
      };
    }
    if (terminated && terminated.exitCode !== 0) {
      return {
        why: `container ${container} ended with ${terminated.exitCode}`,
        mend: kubectl(world, `logs ${name} -c ${container}`),
      };
    }
    if (waiting) return { why: `container ${container}: ${waiting.reason ?? 'it is being started'}`, mend: describe };
  }
  const failing = world.events
    .filter(({ involvedObject, reason }) => involvedObject.name === name && reason === 'Unhealthy')
    .toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? 1 : -1))[0];
  if (failing) return { why: failing.message ?? 'its probe fails', mend: describe };
  const gate = pod.spec.readinessGates?.find(({ conditionType }) => condition(conditionType)?.status !== 'True');
  if (gate) return { why: `its readiness gate ${gate.conditionType} is not True`, mend: describe };
  const ready = condition('Ready');
  return { why: ready?.message ?? ready?.reason ?? `phase ${pod.status?.phase ?? 'unknown'}`, mend: describe };
}
