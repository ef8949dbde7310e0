import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import type { Stored } from '@skiff/api/meta';
import type { JsonSchema } from '../schema/json-schema.ts';

export type Definition = Stored<V1CustomResourceDefinition>;
export type DefinitionVersion = Definition['spec']['versions'][number];
export type DefinitionNames = Definition['spec']['names'];
export type DefinitionStatus = NonNullable<Definition['status']>;
export type DefinitionCondition = NonNullable<DefinitionStatus['conditions']>[number];

/** Holds a definition until all of its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function conditionOf({ status }: Definition, type: string): DefinitionCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export const isTrue = (definition: Definition, type: string): boolean =>
  conditionOf(definition, type)?.status === 'True';

/** The version in which objects are stored; validation sees to it that there is one. */
export function storageVersion({ spec }: Definition): string {
  // Null stands for none, before validation has seen it.
  return (spec.versions ?? []).find(({ storage }) => storage)?.name ?? '';
}

/** The schema of a version: without one, nothing is known of it. */
export function schemaOf({ schema }: DefinitionVersion): JsonSchema {
  // The declared type writes what may be in a schema more loosely.
  return (schema?.openAPIV3Schema ?? { type: 'object' }) as JsonSchema;
}

/** The conditions with one of them set; its time of transition stays where its status does. */
export function withCondition(
  conditions: readonly DefinitionCondition[],
  { type, status, reason, message }: { type: string; status: 'True' | 'False'; reason: string; message: string },
  now: string,
): DefinitionCondition[] {
  const old = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
  const set: DefinitionCondition = { type, status, lastTransitionTime, reason, message };
  return old ? conditions.map((condition) => (condition === old ? set : condition)) : [...conditions, set];
}
