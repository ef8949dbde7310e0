import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import { describeContainers } from './containers.ts';
import { Lines } from './lines.ts';
import { describeTolerations } from './tolerations.ts';
import { describeVolumes } from './volumes.ts';

/** `Pod Template:` of a Deployment, a ReplicaSet, a revision. */
export function describeTemplate(template: Wire<V1PodTemplateSpec> | undefined): string {
  const lines = new Lines().add('Pod Template:');
  if (!template) return lines.add('<unset>', 1).text;
  const { metadata, spec } = template;
  lines.labels('Labels', metadata?.labels, { level: 1 });
  if (Object.keys(metadata?.annotations ?? {}).length > 0) lines.annotations(metadata?.annotations, { level: 1 });
  if (spec?.serviceAccountName) lines.add(`Service Account:\t${spec.serviceAccountName}`, 1);
  if (spec?.initContainers?.length)
    describeContainers(lines, spec.initContainers, { title: 'Init Containers', margin: '  ' });
  describeContainers(lines, spec?.containers, { title: 'Containers', margin: '  ' });
  describeVolumes(lines, spec?.volumes, '  ');
  for (const constraint of spec?.topologySpreadConstraints ?? []) {
    lines.add(
      `Topology Spread Constraints:\t${constraint.topologyKey}:${constraint.whenUnsatisfiable} when max skew ${constraint.maxSkew} is exceeded`,
      1,
    );
  }
  if (spec?.priorityClassName) lines.add(`Priority Class Name:\t${spec.priorityClassName}`, 1);
  lines.labels('Node-Selectors', spec?.nodeSelector, { level: 1 });
  describeTolerations(lines, spec?.tolerations, '  ');
  return lines.text;
}
