import type { V1HorizontalPodAutoscaler } from '@kubernetes/client-node';
import type { KubeObject, Stored } from '@skiff/api/meta';
import type { HorizontalPodAutoscaler } from '@skiff/api/types';
import type { Conversion } from '../views/view.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type Old = Stored<V1HorizontalPodAutoscaler>;

/** Where `autoscaling/v1` keeps what it has no fields for, as JSON (upstream: pkg/apis/autoscaling/v1/conversion.go). */
const annotation = 'autoscaling.alpha.kubernetes.io/';

const isCpuShare = ({ type, resource }: Metric): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

/** Takes what an annotation holds out of the object's annotations. */
function take(annotations: Record<string, string>, name: string): unknown {
  const text = annotations[annotation + name];
  delete annotations[annotation + name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // people write annotations, too
  }
}

function toStored(object: KubeObject): KubeObject {
  const { spec, status, metadata, ...head } = object as unknown as Old; // the schema of its version has checked it
  const annotations = { ...metadata.annotations };
  const others = take(annotations, 'metrics') as Metric[] | undefined; // what fromStored wrote
  const behavior = take(annotations, 'behavior');
  const conditions = take(annotations, 'conditions');
  const currentMetrics = take(annotations, 'current-metrics');
  const { targetCPUUtilizationPercentage: share, ...kept } = spec ?? {};
  const target = { type: 'Utilization', averageUtilization: share };
  const cpu = share === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }];
  const metrics = [...cpu, ...(others ?? [])];
  const { currentCPUUtilizationPercentage: current, ...counts } = status ?? {};
  const measured = current === undefined ? [] : [cpuNow(current)];
  const { annotations: _annotations, ...meta } = metadata;
  return {
    ...head,
    metadata: { ...meta, ...(Object.keys(annotations).length && { annotations }) },
    spec: { ...kept, ...(metrics.length && { metrics }), ...(behavior !== undefined && { behavior }) },
    status: {
      ...counts,
      ...(conditions !== undefined && { conditions }),
      ...((measured.length || currentMetrics !== undefined) && {
        currentMetrics: [...measured, ...((currentMetrics as object[] | undefined) ?? [])], // likewise
      }),
    },
  };
}

const cpuNow = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization } },
});

function fromStored(object: KubeObject): KubeObject {
  const { spec, status, metadata, ...head } = object as unknown as HorizontalPodAutoscaler; // as stored
  const { metrics = [], behavior, ...kept } = spec ?? {};
  const { conditions, currentMetrics, ...counts } = status ?? {};
  const cpu = metrics.find(isCpuShare);
  const others = metrics.filter((metric) => metric !== cpu);
  const isCpu = (metric: NonNullable<typeof currentMetrics>[number]): boolean =>
    metric.resource?.name === 'cpu' && metric.resource.current.averageUtilization !== undefined;
  const measured = currentMetrics?.find(isCpu);
  const rest = (currentMetrics ?? []).filter((metric) => metric !== measured);
  const extra = {
    ...(others.length && { metrics: others }),
    ...(behavior && { behavior }),
    ...(conditions?.length && { conditions }),
    ...(rest.length && { 'current-metrics': rest }),
  };
  const written = Object.entries(extra).map(([name, value]) => [annotation + name, JSON.stringify(value)]);
  const annotations = { ...metadata.annotations, ...Object.fromEntries(written) };
  const share = cpu?.resource?.target.averageUtilization;
  const current = measured?.resource?.current.averageUtilization;
  return {
    ...head,
    metadata: { ...metadata, ...(Object.keys(annotations).length && { annotations }) },
    spec: { ...kept, ...(share !== undefined && { targetCPUUtilizationPercentage: share }) },
    status: { ...counts, ...(current !== undefined && { currentCPUUtilizationPercentage: current }) },
  };
}

export const autoscalerConversion: Conversion = { toStored, fromStored };
