import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { Pod, ReplicaSet } from '@skiff/api/types';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';
import { describeTemplate } from './pod-template.ts';

export const describeReplicaSet: Describer<ReplicaSet> = async ({ metadata, spec, status }, { session, events }) => {
  const labelSelector = LabelSelector.from(spec?.selector).toString();
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .add(`Namespace:\t${metadata.namespace ?? ''}`)
    .add(`Selector:\t${labelSelector}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner) lines.add(`Controlled By:\t${owner.kind}/${owner.name}`);
  lines.add(`Replicas:\t${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`);
  const { items } = await session.client
    .resource('Pod')
    .list({ namespace: metadata.namespace, labelSelector, signal: session.signal });
  const owned = items.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  lines.add(`Pods Status:\t${phases(owned)}`).raw(describeTemplate(spec?.template));
  if (status?.conditions?.length) {
    lines.add('Conditions:').add('Type\tStatus\tReason', 1).add('----\t------\t------', 1);
    for (const { type, status: state, reason } of status.conditions)
      lines.add(`${type} \t${state}\t${reason ?? ''}`, 1);
  }
  return lines.raw(events).text;
};

/** `2 Running / 0 Waiting / 0 Succeeded / 0 Failed`. */
export function phases(pods: readonly Pod[]): string {
  const count = (phase: string): number => pods.filter(({ status }) => status?.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}
