import { isDeepStrictEqual } from 'node:util';

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> };
}

/** The template as the Deployment has it: the label that tells ReplicaSets apart is theirs. */
export function withoutHash<T extends Template>(template: T | undefined): T | undefined {
  if (!template?.metadata?.labels) return template;
  const { 'pod-template-hash': _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function isSameTemplate(a: Template | undefined, b: Template | undefined): boolean {
  return isDeepStrictEqual(withoutHash(a), withoutHash(b));
}
