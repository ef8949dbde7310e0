import type { ObjectMeta } from '@skiff/api/meta';
import { LabelSelector, type LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import { controllerOf, type OwnerReference } from './ownership.ts';

interface Claimable {
  metadata: ObjectMeta & { name: string };
}

/** What an owner is to do about the objects around it, so that it controls exactly those that its selector selects. */
export interface Claims<T> {
  /** Controlled already, or to be adopted. */
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/**
 * Sorts the objects of a namespace: an owner keeps what it controls and selects, releases what it controls and no longer
 * selects, and adopts what it selects and nobody controls. An owner that is being deleted neither adopts nor releases.
 */
export function claim<T extends Claimable>(
  owner: { metadata: ObjectMeta },
  selector: LabelSelectorObject | undefined,
  objects: Iterable<T>,
): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const wanted = LabelSelector.from(selector);
  const ending = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const controller = controllerOf(object);
    const selected = wanted.matches(object.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (selected) owned.push(object);
      else if (!ending) release.push(object);
    } else if (selected && !ending && object.metadata.deletionTimestamp === undefined) {
      adopt.push(object);
      owned.push(object);
    }
  }
  return { owned, adopt, release };
}

/** The merge patch that adopts an object; it fails with Conflict if the object changed since it was read. */
export function adoptionPatch(object: Claimable, reference: OwnerReference): object {
  return ownersPatch(object, [...(object.metadata.ownerReferences ?? []), reference]);
}

/** The merge patch that releases an object; it fails with Conflict if the object changed since it was read. */
export function releasePatch(object: Claimable, owner: { metadata: ObjectMeta }): object {
  const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
  return ownersPatch(object, others);
}

function ownersPatch({ metadata }: Claimable, ownerReferences: OwnerReference[]): object {
  return { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ownerReferences } };
}
