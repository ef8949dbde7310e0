import type { KubeObject } from '@skiff/api/meta';
import { goJson } from '../print/go-json.ts';

/** Where `kubectl apply` remembers what it was last given: what has gone from it since must be taken away. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as the annotation remembers it: with annotations, if none, and without itself. */
export function withoutLastApplied(object: KubeObject): KubeObject {
  const { annotations = {}, ...metadata } = object.metadata;
  const { [lastApplied]: _, ...others } = annotations ?? {};
  return { ...object, metadata: { ...metadata, annotations: others } };
}

/** The object with itself in the annotation. */
export function withLastApplied(object: KubeObject): KubeObject {
  const bare = withoutLastApplied(object);
  const annotations = { ...bare.metadata.annotations, [lastApplied]: `${goJson(bare)}\n` };
  return { ...bare, metadata: { ...bare.metadata, annotations } };
}

/** What the annotation of an object says; undefined where it has none that can be read. */
export function lastAppliedOf(object: KubeObject): Record<string, unknown> | undefined {
  const text = object.metadata.annotations?.[lastApplied];
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined; // checked
  } catch {
    return undefined;
  }
}
