import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { Deployment, ReplicaSet } from '@skiff/api/types';
import type { Describer } from './describer.ts';
import { Lines, longTime } from './lines.ts';
import { describeTemplate } from './pod-template.ts';
import { isSameTemplate } from './same-template.ts';

export const describeDeployment: Describer<Deployment> = async (deployment, { session, events }) => {
  const { metadata, spec, status } = deployment;
  const selector = LabelSelector.from(spec?.selector).toString();
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .add(`Namespace:\t${metadata.namespace ?? ''}`)
    .add(`CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations)
    .add(`Selector:\t${selector}`);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status ?? {};
  lines.add(
    `Replicas:\t${spec?.replicas ?? 0} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  );
  lines.add(`StrategyType:\t${spec?.strategy?.type ?? ''}`).add(`MinReadySeconds:\t${spec?.minReadySeconds ?? 0}`);
  const rolling = spec?.strategy?.rollingUpdate;
  if (rolling)
    lines.add(`RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  lines.raw(describeTemplate(spec?.template));
  if (status?.conditions?.length) {
    lines.add('Conditions:').add('Type\tStatus\tReason', 1).add('----\t------\t------', 1);
    for (const { type, status: state, reason } of status.conditions)
      lines.add(`${type} \t${state}\t${reason ?? ''}`, 1);
  }
  const { items } = await session.client
    .resource('ReplicaSet')
    .list({ namespace: metadata.namespace, labelSelector: selector, signal: session.signal });
  const owned = items.filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const current = newest(deployment, owned);
  const old = owned.filter((set) => set !== current).toSorted((a, b) => revision(a) - revision(b));
  lines.add(`OldReplicaSets:\t${old.map(setText).join(', ') || '<none>'}`);
  lines.add(`NewReplicaSet:\t${current ? setText(current) : '<none>'}`);
  return lines.raw(events).text;
};

const setText = ({ metadata, spec, status }: ReplicaSet): string =>
  `${metadata.name} (${status?.replicas ?? 0}/${spec?.replicas ?? 0} replicas created)`;

const revision = ({ metadata }: ReplicaSet): number =>
  Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);

/** The ReplicaSet of the template of now. */
function newest({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.find((set) => isSameTemplate(set.spec?.template, spec?.template));
}
