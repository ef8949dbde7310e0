import type { KubeObject, ObjectMeta } from '@skiff/api/meta';

export type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

type Owned = { metadata: { ownerReferences?: OwnerReference[] } };
type Owner = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

/** The owner that manages this object, if it has one: at most one owner reference says `controller: true`. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller);
}

export function isControlledBy(object: Owned, owner: { metadata: { uid?: string } }): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The owner reference with which a controller marks what it made for `owner`. */
export function controllerReference(owner: Owner): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
