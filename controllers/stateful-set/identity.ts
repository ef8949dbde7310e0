import type { PersistentVolumeClaim, Pod, StatefulSet } from '@skiff/api/types';
import type { New } from '@skiff/client/resource';
import { controllerReference } from '../ownership.ts';
import { revisionLabel } from '../revisions/history.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

export type Template = NonNullable<StatefulSet['spec']>['template'];

export const replicasOf = ({ spec }: StatefulSet): number => spec?.replicas ?? 1;
export const firstOrdinal = ({ spec }: StatefulSet): number => spec?.ordinals?.start ?? 0;

/** The ordinals that the set wants, lowest first. */
export const ordinalsOf = (set: StatefulSet): number[] =>
  Array.from({ length: replicasOf(set) }, (_, index) => firstOrdinal(set) + index);

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The ordinal of one of the set's Pods; undefined where its name is not of the set's making. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const rest = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[revisionLabel] ?? '';

const claimName = (set: StatefulSet, template: string, ordinal: number): string =>
  `${template}-${podName(set, ordinal)}`;

/** A Pod with the name, the labels and the claims of its ordinal, made of a revision's template. */
export function newPod(
  set: StatefulSet,
  ordinal: number,
  made: { readonly template: Template; readonly revision: string },
): New<Pod> {
  const { namespace, name: setName } = set.metadata;
  const { labels, annotations, finalizers } = made.template?.metadata ?? {};
  const name = podName(set, ordinal);
  const spec = made.template?.spec ?? { containers: [] };
  const templates = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? '');
  const own = (spec.volumes ?? []).filter((volume) => !templates.includes(volume.name));
  const claimed = templates.map((template) => ({
    name: template,
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }));
  const volumes = [...own, ...claimed];
  return {
    metadata: {
      name,
      generateName: `${setName}-`,
      ...(namespace && { namespace }),
      labels: {
        ...labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionLabel]: made.revision,
      },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...spec,
      ...(volumes.length > 0 && { volumes }),
      hostname: name,
      ...(set.spec?.serviceName && { subdomain: set.spec.serviceName }),
    },
  };
}

/** The claims that the Pod of an ordinal uses; they stay when it goes, unless the retention policy says otherwise. */
export function newClaims(set: StatefulSet, ordinal: number): New<PersistentVolumeClaim>[] {
  const { namespace } = set.metadata;
  const goesWithSet = set.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      name: claimName(set, metadata?.name ?? '', ordinal),
      ...(namespace && { namespace }),
      labels: { ...metadata?.labels, ...set.spec?.selector?.matchLabels },
      ...(metadata?.annotations && { annotations: metadata.annotations }),
      ...(goesWithSet && { ownerReferences: [controllerReference(set)] }),
    },
    ...(spec && { spec }),
  }));
}
