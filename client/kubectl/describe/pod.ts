import { humanDuration } from '@skiff/api/human-duration';
import type { Pod } from '@skiff/api/types';
import { describeContainers } from './containers.ts';
import type { Describer } from './describer.ts';
import { Lines, labelText, longTime } from './lines.ts';
import { describeTolerations } from './tolerations.ts';
import { describeVolumes } from './volumes.ts';

export const describePod: Describer<Pod> = (pod, { now, events }) => {
  const { metadata, spec, status } = pod;
  const lines = new Lines().add(`Name:\t${metadata.name}`).add(`Namespace:\t${metadata.namespace ?? ''}`);
  if (spec?.priority !== undefined) lines.add(`Priority:\t${spec.priority}`);
  if (spec?.priorityClassName) lines.add(`Priority Class Name:\t${spec.priorityClassName}`);
  if (spec?.runtimeClassName) lines.add(`Runtime Class Name:\t${spec.runtimeClassName}`);
  if (spec?.serviceAccountName) lines.add(`Service Account:\t${spec.serviceAccountName}`);
  lines.add(`Node:\t${spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>'}`);
  if (status?.startTime) lines.add(`Start Time:\t${longTime(status.startTime)}`);
  lines.labels('Labels', metadata.labels).annotations(metadata.annotations);
  if (metadata.deletionTimestamp && status?.phase !== 'Failed' && status?.phase !== 'Succeeded') {
    lines.add(`Status:\tTerminating (lasts ${humanDuration(now.getTime() - Date.parse(metadata.deletionTimestamp))})`);
    lines.add(`Termination Grace Period:\t${metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else lines.add(`Status:\t${status?.phase ?? ''}`);
  if (status?.reason) lines.add(`Reason:\t${status.reason}`);
  if (status?.message) lines.add(`Message:\t${status.message}`);
  const seccomp = spec?.securityContext?.seccompProfile;
  if (seccomp) {
    lines.add(`SeccompProfile:\t${seccomp.type}`);
    if (seccomp.type === 'Localhost') lines.add(`LocalhostProfile:\t${seccomp.localhostProfile ?? ''}`);
  }
  lines.add(`IP:\t${status?.podIP ?? ''}`);
  const ips = status?.podIPs ?? [];
  if (ips.length === 0) lines.add('IPs:\t<none>');
  else {
    lines.add('IPs:');
    for (const { ip } of ips) lines.add(`IP:\t${ip}`, 1);
  }
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner) lines.add(`Controlled By:\t${owner.kind}/${owner.name}`);
  if (status?.nominatedNodeName) lines.add(`NominatedNodeName:\t${status.nominatedNodeName}`);
  if (spec?.initContainers?.length) {
    describeContainers(lines, spec.initContainers, {
      title: 'Init Containers',
      margin: '',
      pod,
      statuses: status?.initContainerStatuses,
    });
  }
  describeContainers(lines, spec?.containers, {
    title: 'Containers',
    margin: '',
    pod,
    statuses: status?.containerStatuses,
  });
  if (spec?.readinessGates?.length) {
    lines.add('Readiness Gates:').add('  Type\tStatus');
    for (const { conditionType } of spec.readinessGates) {
      const found = status?.conditions?.find(({ type }) => type === conditionType);
      lines.add(`${conditionType} \t${found?.status ?? '<none>'} `, 1);
    }
  }
  if (status?.conditions?.length) {
    lines.add('Conditions:').add('Type\tStatus', 1);
    for (const { type, status: state } of status.conditions) lines.add(`${type} \t${state} `, 1);
  }
  describeVolumes(lines, spec?.volumes, '');
  if (status?.qosClass) lines.add(`QoS Class:\t${status.qosClass}`);
  lines.labels('Node-Selectors', spec?.nodeSelector);
  describeTolerations(lines, spec?.tolerations);
  for (const [at, constraint] of (spec?.topologySpreadConstraints ?? []).entries()) {
    const selector = labelText(constraint.labelSelector?.matchLabels);
    lines.add(
      `${at === 0 ? 'Topology Spread Constraints:' : ''}\t${constraint.topologyKey}:${constraint.whenUnsatisfiable} when max skew ${constraint.maxSkew} is exceeded for selector ${selector}`,
    );
  }
  return lines.raw(events).text;
};
