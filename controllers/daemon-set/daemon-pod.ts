import { matchesAffinity, matchesNodeSelector } from '@skiff/api/selectors/node-affinity';
import type { ControllerRevision, DaemonSet, Node, Pod } from '@skiff/api/types';
import type { New } from '@skiff/client/resource';
import { controllerReference } from '../ownership.ts';
import { revisionLabel } from '../revisions/history.ts';
import { untolerated } from '../scheduler/taints.ts';

type Spec = NonNullable<Pod['spec']>;
type Toleration = NonNullable<Spec['tolerations']>[number];

const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

const exists = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

/** A daemon stays where others would go (API reference, "Taints and daemons"). */
const tolerations: readonly Toleration[] = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];

function tolerant({ tolerations: own = [], hostNetwork }: Spec): Toleration[] {
  const added = hostNetwork ? [...tolerations, exists('network-unavailable', 'NoSchedule')] : tolerations;
  const same = (a: Toleration, b: Toleration): boolean => a.key === b.key && a.effect === b.effect;
  return [...own, ...added.filter((one) => !own.some((other) => same(one, other) && other.operator === 'Exists'))];
}

const specOf = ({ spec }: DaemonSet): Spec => spec?.template?.spec ?? { containers: [] };

/** Binds a Pod to its node by affinity, so that the scheduler has its say. */
function withNode(spec: Spec, node: string): Spec {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [{}];
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((one) => ({ ...one, ...term })),
        },
      },
    },
  };
}

/** The node that a daemon's Pod is made for, scheduled or not. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === 'metadata.name')?.values?.[0];
}

export const hashOf = (revision: ControllerRevision): string => revision.metadata.labels?.[revisionLabel] ?? '';
export const isOf = (pod: Pod, revision: ControllerRevision): boolean =>
  pod.metadata.labels?.[revisionLabel] === hashOf(revision);

/** The Pod of a node. */
export function newPod(set: DaemonSet, node: string, revision: ControllerRevision): New<Pod> {
  const { namespace, name } = set.metadata;
  const { labels, annotations, finalizers } = set.spec?.template?.metadata ?? {};
  const spec = specOf(set);
  return {
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      labels: {
        ...labels,
        [revisionLabel]: hashOf(revision),
        [generationLabel]: set.metadata.annotations?.[generationAnnotation] ?? '1',
      },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: withNode({ ...spec, tolerations: tolerant(spec) }, node),
  };
}

/** Whether a daemon is to run on a node, and whether one that is there may stay. */
export function fits(set: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const spec = specOf(set);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const chosen =
    (!spec.nodeName || spec.nodeName === node.metadata.name) &&
    matchesNodeSelector(spec.nodeSelector, node) &&
    (!required || matchesAffinity(required, node));
  if (!chosen) return { run: false, stay: false };
  const pod = { ...set, kind: 'Pod', spec: { ...spec, tolerations: tolerant(spec) } };
  const taints = node.spec?.taints ?? [];
  const refuses = (effects: readonly string[]): boolean =>
    untolerated(
      pod as Pod,
      taints.filter(({ effect }) => effects.includes(effect)),
    ) !== undefined; // only its tolerations are read
  return { run: !refuses(['NoSchedule', 'NoExecute']), stay: !refuses(['NoExecute']) };
}
