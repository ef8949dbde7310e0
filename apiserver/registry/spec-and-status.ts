import { isDeepStrictEqual } from 'node:util';
import type { StoredMeta } from '@skiff/api/meta';
import type { Strategy } from './strategy.ts';

/** What kinds with a status have in common. */
interface WithStatus {
  metadata: StoredMeta;
  spec?: unknown;
  status?: unknown;
}

/** A write of the object itself leaves its status alone. Mutates `object`. */
export function keepStatus(object: WithStatus, old: WithStatus): void {
  if (old.status === undefined) delete object.status;
  else object.status = structuredClone(old.status);
}

/** A write of the status leaves the spec alone. Mutates `object`. */
export function keepSpec(object: WithStatus, old: WithStatus): void {
  if (old.spec === undefined) delete object.spec;
  else object.spec = structuredClone(old.spec);
}

/** Counts a change of the spec, which controllers see in `observedGeneration`. Mutates `object`. */
export function countGeneration(object: WithStatus, old: WithStatus, changed?: boolean): void {
  if (changed ?? !isDeepStrictEqual(object.spec, old.spec)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

/** What most kinds with a spec and a status have in common, to be spread into their strategies. */
export function specAndStatus(): Pick<Required<Strategy<WithStatus>>, 'prepareForCreate' | 'prepareForUpdate'> {
  return {
    prepareForCreate(object) {
      delete object.status;
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old, { subresource }) {
      if (subresource === 'status') return keepSpec(object, old);
      keepStatus(object, old);
      countGeneration(object, old);
    },
  };
}
