import { clusterScoped, type Row, status } from './row.ts';

/** `rbac.authorization.k8s.io/v1`. */
export const rbacKinds: readonly Row[] = [
  { kind: 'Role', plural: 'roles', model: 'V1Role' },
  { kind: 'RoleBinding', plural: 'rolebindings', model: 'V1RoleBinding' },
  { kind: 'ClusterRole', plural: 'clusterroles', ...clusterScoped, model: 'V1ClusterRole' },
  { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', ...clusterScoped, model: 'V1ClusterRoleBinding' },
];

/** `apiextensions.k8s.io/v1`. */
export const apiextensionsKinds: readonly Row[] = [
  {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    ...clusterScoped,
    subresources: [status],
    model: 'V1CustomResourceDefinition',
  },
];

/** `storage.k8s.io/v1`. */
export const storageKinds: readonly Row[] = [
  { kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'], ...clusterScoped, model: 'V1StorageClass' },
  { kind: 'CSIDriver', plural: 'csidrivers', ...clusterScoped, model: 'V1CSIDriver' },
  { kind: 'CSINode', plural: 'csinodes', ...clusterScoped, model: 'V1CSINode' },
  { kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', model: 'V1CSIStorageCapacity' },
  {
    kind: 'VolumeAttachment',
    plural: 'volumeattachments',
    ...clusterScoped,
    subresources: [status],
    model: 'V1VolumeAttachment',
  },
  {
    kind: 'VolumeAttributesClass',
    plural: 'volumeattributesclasses',
    shortNames: ['vac'],
    ...clusterScoped,
    model: 'V1VolumeAttributesClass',
  },
];

/** `scheduling.k8s.io/v1`. */
export const schedulingKinds: readonly Row[] = [
  { kind: 'PriorityClass', plural: 'priorityclasses', shortNames: ['pc'], ...clusterScoped, model: 'V1PriorityClass' },
];

/** `node.k8s.io/v1`. */
export const nodeKinds: readonly Row[] = [
  { kind: 'RuntimeClass', plural: 'runtimeclasses', ...clusterScoped, model: 'V1RuntimeClass' },
];

/** `coordination.k8s.io/v1`. */
export const coordinationKinds: readonly Row[] = [{ kind: 'Lease', plural: 'leases', model: 'V1Lease' }];
