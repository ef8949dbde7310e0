import type { ObjectMeta } from '@skiff/api/meta';
import type { Endpoints, Pod, Service } from '@skiff/api/types';
import { triggerTimeAnnotation } from '../endpointslice/slice-writes.ts';
import { semanticallyEqual } from '../semantic-equality.ts';
import { type Subset, subsetsOf } from './subsets.ts';

const headlessLabel = 'service.kubernetes.io/headless';
export const managedByLabel = 'endpoints.kubernetes.io/managed-by';
export const managedBy = 'endpoint-controller';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** Endpoints hold no more addresses than this; slices hold them all. */
const capacity = 1000;

/** The Endpoints of a Service as they should be, or undefined where they are so already. */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  options: { current: Endpoints | undefined; triggerTime?: string | undefined },
): Endpoints | undefined {
  const { current } = options;
  const { subsets, truncated } = truncate(subsetsOf(service, pods));
  const labels = labelsOf(service);
  const { [overCapacityAnnotation]: over, ...others } = current?.metadata.annotations ?? {};
  if (
    current &&
    semanticallyEqual(current.subsets, subsets) &&
    semanticallyEqual(current.metadata.labels, labels) &&
    (over === 'truncated') === truncated
  ) {
    return undefined;
  }
  const annotations = { ...others };
  delete annotations[triggerTimeAnnotation];
  if (options.triggerTime) annotations[triggerTimeAnnotation] = options.triggerTime;
  if (truncated) annotations[overCapacityAnnotation] = 'truncated';
  const { name, namespace } = service.metadata;
  const metadata: ObjectMeta & { name: string } = { ...current?.metadata, name, labels, annotations };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, ...(namespace && { namespace }) },
    subsets,
  };
}

function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = metadata.labels ?? {};
  const headless = !spec?.clusterIP || spec.clusterIP === 'None';
  return { ...labels, ...(headless && { [headlessLabel]: '' }), [managedByLabel]: managedBy };
}

/** Ready addresses are kept before others. */
function truncate(subsets: Subset[]): { subsets: Subset[]; truncated: boolean } {
  const count = (lists: (unknown[] | undefined)[]): number => lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  const ready = count(subsets.map((subset) => subset.addresses));
  const total = ready + count(subsets.map((subset) => subset.notReadyAddresses));
  if (total <= capacity) return { subsets, truncated: false };
  let room = capacity;
  const take = <T>(list: T[] | undefined): T[] => {
    const kept = (list ?? []).slice(0, Math.max(0, room));
    room -= kept.length;
    return kept;
  };
  const withReady = subsets.map((subset) => ({ ...subset, addresses: take(subset.addresses) }));
  const all = withReady.map((subset) => ({ ...subset, notReadyAddresses: take(subset.notReadyAddresses) }));
  return {
    subsets: all.filter((subset) => subset.addresses.length + subset.notReadyAddresses.length > 0),
    truncated: true,
  };
}
