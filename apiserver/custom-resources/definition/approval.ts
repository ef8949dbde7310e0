import { invalidValue, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Definition } from './definition.ts';

const approval = 'api-approved.kubernetes.io';
const link = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** What an annotation says of the approval of a definition, as a condition tells it (upstream: apihelpers and controller/apiapproval). */
export interface Approval {
  readonly status: 'True' | 'False';
  readonly reason: 'ApprovedAnnotation' | 'UnapprovedAnnotation' | 'MissingAnnotation' | 'InvalidAnnotation';
  readonly message: string;
}

/** Groups of the Kubernetes community need its approval; of others, nothing is said. */
export function approvalOf({ metadata, spec }: Definition): Approval | undefined {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(spec.group)) return undefined;
  const given = metadata.annotations?.[approval] ?? '';
  const needed = `protected groups must have approval annotation "${approval}"`;
  if (given === '') return { status: 'False', reason: 'MissingAnnotation', message: `${needed}, ${link}` };
  if (given.startsWith('unapproved')) {
    return { status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(given)}` };
  }
  if (URL.canParse(given) && new URL(given).host) {
    return { status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${given}` };
  }
  const message = `${needed} with either a URL or a reason starting with "unapproved", ${link}`;
  return { status: 'False', reason: 'InvalidAnnotation', message };
}

/** What was the matter with a definition before may stay so. */
export function approvalFaults(definition: Definition, old: Definition | undefined): StatusCause[] {
  const found = approvalOf(definition);
  if (!found || (old && approvalOf(old)?.reason === found.reason)) return [];
  const field = `metadata.annotations[${approval}]`;
  if (found.reason === 'MissingAnnotation') return [required(field, found.message)];
  const given = definition.metadata.annotations?.[approval];
  return found.reason === 'InvalidAnnotation' ? [invalidValue(field, given, found.message)] : [];
}
