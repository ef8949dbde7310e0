import { humanDuration } from '@skiff/api/human-duration';
/** The tables of what makes Pods, beside Deployments and ReplicaSets. */
import type {
  ControllerRevision,
  CronJob,
  DaemonSet,
  Job,
  PodTemplate,
  ReplicationController,
  StatefulSet,
} from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none, wide } from './columns.ts';
import { containerCells, formatLabels, formatSelector } from './format.ts';
import { row } from './row.ts';

const integer = (name: string) => column(name, { type: 'integer' });
const containerColumns = [wide('Containers'), wide('Images')];
const wideColumns = [...containerColumns, wide('Selector')];

export const statefulSet = {
  columns: [nameColumn, column('Ready'), ageColumn, ...containerColumns],
  cells: (set: StatefulSet, now: Date): Cell[] => [
    ...row(set, now, `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`),
    ...containerCells(set.spec?.template?.spec?.containers),
  ],
};

export const daemonSet = {
  columns: [
    nameColumn,
    integer('Desired'),
    integer('Current'),
    integer('Ready'),
    integer('Up-to-date'),
    integer('Available'),
    column('Node Selector'),
    ageColumn,
    ...wideColumns,
  ],
  cells: (set: DaemonSet, now: Date): Cell[] => [
    ...row(
      set,
      now,
      set.status?.desiredNumberScheduled ?? 0,
      set.status?.currentNumberScheduled ?? 0,
      set.status?.numberReady ?? 0,
      set.status?.updatedNumberScheduled ?? 0,
      set.status?.numberAvailable ?? 0,
      formatLabels(set.spec?.template?.spec?.nodeSelector),
    ),
    ...containerCells(set.spec?.template?.spec?.containers),
    formatSelector(set.spec?.selector),
  ],
};

export const replicationController = {
  columns: [nameColumn, integer('Desired'), integer('Current'), integer('Ready'), ageColumn, ...wideColumns],
  cells: ({ spec, status, ...object }: ReplicationController, now: Date): Cell[] => [
    ...row(object, now, spec?.replicas ?? 0, status?.replicas ?? 0, status?.readyReplicas ?? 0),
    ...containerCells(spec?.template?.spec?.containers),
    formatLabels(spec?.selector),
  ],
};

function jobState({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, now: Date): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  return humanDuration(end - Date.parse(status.startTime));
}

export const job = {
  columns: [nameColumn, column('Status'), column('Completions'), column('Duration'), ageColumn, ...wideColumns],
  cells: (object: Job, now: Date): Cell[] => [
    ...row(object, now, jobState(object), completions(object), duration(object, now)),
    ...containerCells(object.spec?.template?.spec?.containers),
    formatSelector(object.spec?.selector),
  ],
};

const capitalized = (value: boolean | undefined): string =>
  value === undefined ? '<unset>' : value ? 'True' : 'False';

export const cronJob = {
  columns: [
    nameColumn,
    column('Schedule'),
    column('Timezone'),
    column('Suspend', { type: 'boolean' }),
    integer('Active'),
    column('Last Schedule'),
    ageColumn,
    ...wideColumns,
  ],
  cells: ({ spec, status, ...object }: CronJob, now: Date): Cell[] => [
    ...row(
      object,
      now,
      spec?.schedule ?? '',
      spec?.timeZone ?? none,
      capitalized(spec?.suspend),
      status?.active?.length ?? 0,
      status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : none,
    ),
    ...containerCells(spec?.jobTemplate?.spec?.template?.spec?.containers),
    formatSelector(spec?.jobTemplate?.spec?.selector),
  ],
};

export const controllerRevision = {
  columns: [nameColumn, column('Controller'), column('Revision'), ageColumn],
  cells(object: ControllerRevision, now: Date): Cell[] {
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
    const [group] = owner?.apiVersion.includes('/') ? owner.apiVersion.split('/') : [];
    const kind = [owner?.kind.toLowerCase(), group].filter(Boolean).join('.');
    return row(object, now, owner ? `${kind}/${owner.name}` : none, object.revision ?? 0);
  },
};

export const podTemplate = {
  columns: [nameColumn, column('Containers'), column('Images'), column('Pod Labels')],
  cells: ({ metadata, template }: PodTemplate): Cell[] => [
    metadata.name,
    ...containerCells(template?.spec?.containers),
    formatLabels(template?.metadata?.labels),
  ],
};
