import { goJson } from '@skiff/api/go-json';
import type { KubeObject } from '@skiff/api/meta';
import { compare } from './compare.ts';
import { difference, type FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import type { MapType } from './merge-type.ts';

/** Where client-side `kubectl apply` keeps what was applied. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The field manager of `kubectl apply --server-side`: what was applied client-side is its own. */
export const kubectlManager = 'kubectl';

/**
 * The fields that client-side apply has set and that are still as it set them: `kubectl apply --server-side` may take these over
 * without force (upstream: lastappliedmanager.go). Undefined where the annotation is not there or of no use.
 */
export function lastAppliedFields(live: KubeObject, type: MapType): FieldSet | undefined {
  const text = live.metadata.annotations?.[lastAppliedAnnotation];
  if (!text) return undefined;
  try {
    const applied: unknown = JSON.parse(text);
    if (typeof applied !== 'object' || applied === null || !('apiVersion' in applied)) return undefined;
    if (applied.apiVersion !== live.apiVersion) return undefined;
    const { changed, removed } = compare(applied, live, type);
    return difference(difference(fieldSetOf(applied, type), changed), removed);
  } catch {
    return undefined;
  }
}

/** Keeps the annotation in line with what is applied now, where it is there. Mutates `object`. */
export function syncLastApplied(object: KubeObject, config: KubeObject): void {
  const { annotations } = object.metadata;
  if (!annotations?.[lastAppliedAnnotation]) return;
  const { [lastAppliedAnnotation]: _old, ...others } = config.metadata.annotations ?? {};
  const metadata = { ...config.metadata, ...(config.metadata.annotations && { annotations: others }) };
  object.metadata.annotations = { ...annotations, [lastAppliedAnnotation]: `${goJson({ ...config, metadata })}\n` };
}
