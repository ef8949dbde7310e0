import type { PersistentVolumeClaim } from '@skiff/api/types';

type Spec = NonNullable<PersistentVolumeClaim['spec']>;
type Source = NonNullable<Spec['dataSource']>;

/** What the older of the two fields has always taken; anything else in it was passed over in silence, and still is. */
const isClassic = ({ apiGroup = '', kind }: Source): boolean =>
  apiGroup === ''
    ? kind === 'PersistentVolumeClaim'
    : apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';

/**
 * Brings the two names of what a claim is filled with into line: `dataSource` and `dataSourceRef` say the same (upstream:
 * pkg/api/persistentvolumeclaim, KEP 1495). A source in another namespace is not served. Mutates.
 */
export function alignDataSources(spec: Spec, old?: Spec): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  if (spec.dataSource && !spec.dataSourceRef && !old?.dataSource && !isClassic(spec.dataSource)) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef;
    spec.dataSource = local;
  }
}
