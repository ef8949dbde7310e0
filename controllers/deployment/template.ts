import type { Deployment } from '@skiff/api/types';
import { semanticallyEqual, withoutEmpty } from '../semantic-equality.ts';

export const hashLabel = 'pod-template-hash';

export type PodTemplate = NonNullable<Deployment['spec']>['template'];

/** Letters and digits that can't form words, as Kubernetes uses them in generated names. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The name of a template: equal templates have equal hashes. Its length (mostly 8 to 10) and letters are those of
 * Kubernetes, its value is not. `collisions` makes another name where this one is taken by something else.
 */
export function templateHash(template: PodTemplate, collisions = 0): string {
  const text = JSON.stringify(withoutEmpty(template)) + (collisions > 0 ? `#${collisions}` : '');
  return [...fnv1a32(text).toString()].map((digit) => safeAlphabet[digit.charCodeAt(0) % safeAlphabet.length]).join('');
}

/** Whether Pods made from these templates are the same, whatever hash label the templates carry. */
export function sameTemplate(a: PodTemplate | undefined, b: PodTemplate | undefined): boolean {
  return semanticallyEqual(withoutHash(a), withoutHash(b));
}

/** The template with the hash as a label, so that the Pods of one revision can be told from those of another. */
export function withHash(template: PodTemplate, hash: string): PodTemplate {
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return { ...template, metadata: { ...template.metadata, labels } };
}

function withoutHash(template: PodTemplate | undefined): unknown {
  const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
