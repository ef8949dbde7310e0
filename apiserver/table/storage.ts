import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@skiff/api/types';
import { ageOf } from './age.ts';
import { ageColumn, type Cell, column, nameColumn, none, wide } from './columns.ts';
import { row } from './row.ts';

const unset = '<unset>';
const boolean = (name: string) => column(name, { type: 'boolean' });

const abbreviations: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
/** In the order in which they are always written. */
const formatModes = (modes: readonly string[] = []): string =>
  Object.entries(abbreviations)
    .flatMap(([mode, short]) => (modes.includes(mode) ? [short] : []))
    .join(',');

type Meta = PersistentVolume['metadata'];
const phaseOf = (metadata: Meta, phase: string | undefined): string =>
  metadata.deletionTimestamp ? 'Terminating' : (phase ?? '');
const classOf = ({ annotations }: Meta, named: string | undefined): string =>
  annotations?.['volume.beta.kubernetes.io/storage-class'] ?? named ?? '';

export const persistentVolume = {
  columns: [
    nameColumn,
    column('Capacity'),
    column('Access Modes'),
    column('Reclaim Policy'),
    column('Status'),
    column('Claim'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    column('Reason'),
    ageColumn,
    wide('VolumeMode'),
  ],
  cells: ({ metadata, spec, status }: PersistentVolume, now: Date): Cell[] => [
    metadata.name,
    spec?.capacity?.['storage'] ?? '0',
    formatModes(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    phaseOf(metadata, status?.phase),
    spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
    classOf(metadata, spec?.storageClassName),
    spec?.volumeAttributesClassName ?? unset,
    status?.reason ?? '',
    ageOf(metadata.creationTimestamp, now),
    spec?.volumeMode ?? unset,
  ],
};

export const persistentVolumeClaim = {
  columns: [
    nameColumn,
    column('Status'),
    column('Volume'),
    column('Capacity'),
    column('Access Modes'),
    column('StorageClass'),
    column('VolumeAttributesClass'),
    ageColumn,
    wide('VolumeMode'),
  ],
  cells({ metadata, spec, status }: PersistentVolumeClaim, now: Date): Cell[] {
    const bound = spec?.volumeName !== undefined && spec.volumeName !== '';
    return [
      metadata.name,
      phaseOf(metadata, status?.phase),
      spec?.volumeName ?? '',
      bound ? (status?.capacity?.['storage'] ?? '0') : '',
      bound ? formatModes(status?.accessModes) : '',
      classOf(metadata, spec?.storageClassName),
      spec?.volumeAttributesClassName ?? unset,
      ageOf(metadata.creationTimestamp, now),
      spec?.volumeMode ?? unset,
    ];
  },
};

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClass = {
  columns: [
    nameColumn,
    column('Provisioner'),
    column('ReclaimPolicy'),
    column('VolumeBindingMode'),
    column('AllowVolumeExpansion'),
    ageColumn,
  ],
  cells(object: StorageClass, now: Date): Cell[] {
    const { name, annotations, creationTimestamp } = object.metadata;
    const isDefault = defaultAnnotations.some((annotation) => annotations?.[annotation] === 'true');
    return [
      isDefault ? `${name} (default)` : name,
      object.provisioner ?? '',
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? 'Immediate',
      object.allowVolumeExpansion ?? false,
      ageOf(creationTimestamp, now),
    ];
  },
};

export const volumeAttributesClass = {
  columns: [nameColumn, column('DriverName'), ageColumn],
  cells: (object: VolumeAttributesClass, now: Date): Cell[] => row(object, now, object.driverName ?? ''),
};

export const volumeAttachment = {
  columns: [
    nameColumn,
    { ...column('Attacher'), format: 'name' },
    column('PV'),
    column('Node'),
    boolean('Attached'),
    ageColumn,
  ],
  cells: ({ spec, status, ...object }: VolumeAttachment, now: Date): Cell[] =>
    row(
      object,
      now,
      spec?.attacher ?? '',
      spec?.source?.persistentVolumeName ?? '',
      spec?.nodeName ?? '',
      status?.attached ?? false,
    ),
};

export const csiNode = {
  columns: [nameColumn, column('Drivers', { type: 'integer' }), ageColumn],
  cells: ({ spec, ...object }: CSINode, now: Date): Cell[] => row(object, now, spec?.drivers?.length ?? 0),
};

export const csiDriver = {
  columns: [
    nameColumn,
    boolean('AttachRequired'),
    boolean('PodInfoOnMount'),
    boolean('StorageCapacity'),
    column('TokenRequests'),
    boolean('RequiresRepublish'),
    column('Modes'),
    ageColumn,
  ],
  cells: ({ spec, ...object }: CSIDriver, now: Date): Cell[] =>
    row(
      object,
      now,
      spec?.attachRequired ?? true,
      spec?.podInfoOnMount ?? false,
      spec?.storageCapacity ?? false,
      (spec?.tokenRequests ?? []).map(({ audience }) => audience).join(',') || unset,
      spec?.requiresRepublish ?? false,
      (spec?.volumeLifecycleModes ?? []).join(',') || none,
    ),
};

export const csiStorageCapacity = {
  columns: [nameColumn, column('StorageClassName'), column('Capacity')],
  cells: ({ metadata, storageClassName, capacity }: CSIStorageCapacity): Cell[] => [
    metadata.name,
    storageClassName ?? '',
    capacity ?? unset,
  ],
};
