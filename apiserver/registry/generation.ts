import { isDeepStrictEqual } from 'node:util';
import type { ObjectMeta } from '@skiff/api/meta';

interface WithSpec {
  metadata: ObjectMeta;
  spec?: unknown;
}

/** `metadata.generation` counts the versions of a spec, from 1. */
export function startGeneration(object: WithSpec): void {
  object.metadata.generation = 1;
}

export function raiseGeneration(object: WithSpec, old: WithSpec): void {
  if (!isDeepStrictEqual(object.spec, old.spec)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
