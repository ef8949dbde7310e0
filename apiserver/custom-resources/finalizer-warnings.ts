import type { KubeObject } from '@skiff/api/meta';
import { qualifiedName } from '@skiff/api/names';

const standard = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** What is odd about the names of finalizers that a write adds (upstream: registry/customresource/validator.go). */
export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set(old?.metadata.finalizers);
  const added = new Set(object.metadata.finalizers?.filter((name) => !known.has(name)));
  return [...added].sort().flatMap((name) => {
    const say = (rule: string): string => `metadata.finalizers: ${JSON.stringify(name)}: ${rule}`;
    const warnings = qualifiedName(name).map(say);
    if (name.includes('/') || standard.has(name)) return warnings;
    const path = name.includes('.') ? ' including a path (/)' : '';
    const rule = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return [...warnings, say(rule)];
  });
}
