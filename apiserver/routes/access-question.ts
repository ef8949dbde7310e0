import { forbiddenField, invalidValue, required } from '@skiff/api/causes';
import type { ObjectMeta } from '@skiff/api/meta';
import { badRequest, invalid, type StatusCause } from '@skiff/api/status';

interface Selector {
  readonly rawSelector?: string;
  readonly requirements?: readonly { readonly key?: string; readonly operator?: string; readonly values?: string[] }[];
}

/** What a review of access asks, and about whom. */
export interface AccessQuestion {
  readonly resourceAttributes?: {
    readonly namespace?: string;
    readonly verb?: string;
    readonly group?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
    readonly fieldSelector?: Selector;
    readonly labelSelector?: Selector;
  };
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
  readonly user?: string;
  readonly groups?: string[];
  readonly uid?: string;
  readonly extra?: Record<string, string[]>;
}

export type AccessReviewPlural = 'selfsubjectaccessreviews' | 'subjectaccessreviews' | 'localsubjectaccessreviews';

/** Operators that are not known here are let through: a newer client may know them. */
function selectorFaults(selector: Selector | undefined, field: string): StatusCause[] {
  if (!selector) return [];
  const { rawSelector, requirements = [] } = selector;
  const causes: StatusCause[] = [];
  if (rawSelector && requirements.length) {
    causes.push(
      invalidValue(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'),
    );
  }
  if (!rawSelector && !requirements.length) {
    const why = `when ${field} is specified, requirements or rawSelector is required`;
    causes.push(required(`${field}.requirements`, why));
  }
  for (const [index, { key, operator = '', values = [] }] of requirements.entries()) {
    const at = `${field}.requirements[${index}]`;
    if (!key) causes.push(required(`${at}.key`, 'must be specified'));
    if (['In', 'NotIn'].includes(operator) && !values.length)
      causes.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    if (['Exists', 'DoesNotExist'].includes(operator) && values.length)
      causes.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  }
  return causes;
}

/** What is wrong with a question (upstream: pkg/apis/authorization/validation). A review asks exactly one of the two. */
function questionFaults(question: AccessQuestion, plural: AccessReviewPlural): StatusCause[] {
  const { resourceAttributes, nonResourceAttributes, user, groups } = question;
  const causes: StatusCause[] = [];
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes';
    causes.push(invalidValue('spec.nonResourceAttributes', nonResourceAttributes, why));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    causes.push(invalidValue('spec.resourceAttributes', null, why));
  }
  if (plural !== 'selfsubjectaccessreviews' && !user && !groups?.length) {
    causes.push(invalidValue('spec.user', user ?? '', 'at least one of user or group must be specified'));
  }
  const selectors = resourceAttributes ?? {};
  return [
    ...causes,
    ...selectorFaults(selectors.fieldSelector, 'spec.resourceAttributes.fieldSelector'),
    ...selectorFaults(selectors.labelSelector, 'spec.resourceAttributes.labelSelector'),
  ];
}

/** A local review asks about the namespace that it is in, and about no path. */
function localFaults(
  { resourceAttributes, nonResourceAttributes }: AccessQuestion,
  inNamespace: string | undefined,
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (resourceAttributes && resourceAttributes.namespace !== inNamespace) {
    const field = 'spec.resourceAttributes.namespace';
    causes.push(invalidValue(field, resourceAttributes.namespace ?? '', 'must match metadata.namespace'));
  }
  if (nonResourceAttributes) {
    const why = 'disallowed on this kind of request';
    causes.push(invalidValue('spec.nonResourceAttributes', nonResourceAttributes, why));
  }
  return causes;
}

/** Refuses malformed reviews. A local one has the namespace of its path, no other has one. */
export function checkQuestion(
  question: AccessQuestion,
  { plural, metadata, namespace }: { plural: AccessReviewPlural; metadata: ObjectMeta; namespace: string },
): void {
  const local = plural === 'localsubjectaccessreviews';
  const { namespace: given, managedFields: _managed, ...more } = metadata;
  if (given && given !== namespace && (local || given !== 'default')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const causes = questionFaults(question, plural);
  if (Object.keys(more).length) {
    causes.push(invalidValue('metadata', metadata, local ? 'must be empty except for namespace' : 'must be empty'));
  }
  if (local) causes.push(...localFaults(question, namespace));
  if (causes.length) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', causes);
}
