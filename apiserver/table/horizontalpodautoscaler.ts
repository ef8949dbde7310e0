import type { HorizontalPodAutoscaler } from '@skiff/api/types';
import { ageColumn, type Cell, column, nameColumn, none } from './columns.ts';
import { row } from './row.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type Status = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];
/** What is wanted of a metric, and what is seen of it. */
interface Amount {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

const unknown = '<unknown>';

/** Of metrics of resources: a quantity for each Pod, or a share of what they request. */
function formatResource(name: string | undefined, target: Amount | undefined, current: Amount | undefined): string {
  if (target?.averageValue !== undefined) {
    return `${name}: ${current ? (current.averageValue ?? none) : unknown}/${target.averageValue}`;
  }
  const share = (utilization: number | undefined, absent: string): string =>
    utilization === undefined ? absent : `${utilization}%`;
  return `${name}: ${share(current?.averageUtilization, unknown)}/${share(target?.averageUtilization, '<auto>')}`;
}

/** Of metrics of objects and of the world outside: for each Pod, or in all. */
function formatValue(target: Amount | undefined, current: Amount | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? none) : unknown}/${target?.value ?? none}`;
}

function formatMetric(metric: Metric, status: Status | undefined): string {
  const { resource, containerResource, pods, object, external } = metric;
  switch (metric.type) {
    case 'Resource':
      return formatResource(resource?.name, resource?.target, status?.resource?.current);
    case 'ContainerResource':
      return formatResource(containerResource?.name, containerResource?.target, status?.containerResource?.current);
    case 'Pods': {
      const current = status?.pods ? (status.pods.current.averageValue ?? none) : unknown;
      return `${current}/${pods?.target.averageValue ?? none}`;
    }
    case 'Object':
      return formatValue(object?.target, status?.object?.current);
    case 'External':
      return formatValue(external?.target, status?.external?.current);
    default:
      return '<unknown type>';
  }
}

function formatMetrics(metrics: readonly Metric[], statuses: readonly Status[]): string {
  const shown = metrics
    .slice(0, 2)
    .map((metric, index) => formatMetric(metric, statuses[index]))
    .join(', ');
  return metrics.length > 2 ? `${shown} + ${metrics.length - 2} more...` : shown || none;
}

export const columns = [
  nameColumn,
  column('Reference'),
  column('Targets'),
  column('MinPods'),
  column('MaxPods'),
  column('Replicas'),
  ageColumn,
];

export const cells = ({ spec, status, ...object }: HorizontalPodAutoscaler, now: Date): Cell[] =>
  row(
    object,
    now,
    `${spec?.scaleTargetRef?.kind}/${spec?.scaleTargetRef?.name}`,
    formatMetrics(spec?.metrics ?? [], status?.currentMetrics ?? []),
    spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
    spec?.maxReplicas ?? 0,
    status?.currentReplicas ?? 0,
  );
