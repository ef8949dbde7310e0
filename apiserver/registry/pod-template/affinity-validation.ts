import type { V1Affinity, V1NodeSelectorTerm, V1PodAffinityTerm } from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '@skiff/api/names';
import type { LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';

type Term = Wire<V1NodeSelectorTerm>;
type Requirement = NonNullable<Term['matchExpressions']>[number];

function validateExpression(requirement: Requirement, field: string, options: { anyValue: boolean }): StatusCause[] {
  const { key, operator, values = [] } = requirement;
  const causes: StatusCause[] = [];
  const at = `${field}.values`;
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) causes.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    if (values.length) causes.push(forbiddenField(at, rule));
  } else if (operator === 'Gt' || operator === 'Lt') {
    const rule = "must be specified single value when `operator` is 'Lt' or 'Gt'";
    if (values.length !== 1) causes.push(required(at, rule));
  } else causes.push(invalidValue(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  causes.push(...invalidBy(qualifiedName, `${field}.key`, key ?? ''));
  if (options.anyValue) return causes;
  return [...causes, ...values.flatMap((value, index) => invalidBy(labelValue, `${at}[${index}]`, value))];
}

/** A Node by its name, the only field that can be selected by. */
function validateFieldRequirement({ key, operator, values = [] }: Requirement, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    causes.push(invalidValue(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const rule = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    causes.push(required(`${field}.values`, rule));
  }
  if (key !== 'metadata.name') {
    return [...causes, invalidValue(`${field}.key`, key ?? '', 'not a valid field selector key')];
  }
  const wrong = values.flatMap((value, index) => invalidBy(dns1123Subdomain, `${field}.values[${index}]`, value));
  return [...causes, ...wrong];
}

function validateTerm(term: Term, field: string, options: { anyValue: boolean }): StatusCause[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, index) =>
      validateExpression(requirement, `${field}.matchExpressions[${index}]`, options),
    ),
    ...(term.matchFields ?? []).flatMap((requirement, index) =>
      validateFieldRequirement(requirement, `${field}.matchFields[${index}]`),
    ),
  ];
}

/** A selector of Nodes: any one of its terms (upstream: ValidateNodeSelector). */
export function validateNodeSelector(terms: readonly Term[] | undefined, field: string): StatusCause[] {
  const at = `${field}.nodeSelectorTerms`;
  if (!terms?.length) return [required(at, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => validateTerm(term, `${at}[${index}]`, { anyValue: false }));
}

const validateWeight = (weight: number | undefined, field: string): StatusCause[] =>
  weight !== undefined && weight > 0 && weight <= 100
    ? []
    : [invalidValue(`${field}.weight`, weight ?? 0, 'must be in the range 1-100')];

/**
 * Keys of labels whose values are those of the Pod itself. They were merged into the selector already, so a key that is there
 * twice came from both (upstream: ValidateMatchLabelKeysAndMismatchLabelKeys).
 */
export function validateMatchLabelKeys(
  keys: { match: readonly string[] | undefined; mismatch?: readonly string[] | undefined },
  selector: LabelSelectorObject | undefined,
  field: string,
): StatusCause[] {
  const { match = [], mismatch = [] } = keys;
  const causes: StatusCause[] = [];
  for (const [name, list] of Object.entries({ matchLabelKeys: match, mismatchLabelKeys: mismatch })) {
    if (list.length && !selector) {
      causes.push(forbiddenField(`${field}.${name}`, 'must not be specified when labelSelector is not set'));
    } else {
      causes.push(...list.flatMap((key, index) => invalidBy(qualifiedName, `${field}.${name}[${index}]`, key)));
    }
  }
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    if (match.includes(key) && seen.has(key)) {
      const rule = 'exists in both matchLabelKeys and labelSelector';
      causes.push(invalidValue(`${field}[${match.indexOf(key)}]`, key, rule));
    }
    seen.add(key);
  }
  for (const [index, key] of match.entries()) {
    if (!mismatch.includes(key)) continue;
    const rule = 'exists in both matchLabelKeys and mismatchLabelKeys';
    causes.push(invalidValue(`${field}.matchLabelKeys[${index}]`, key, rule));
  }
  return causes;
}

function validatePodTerm(term: Wire<V1PodAffinityTerm>, field: string): StatusCause[] {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys, namespaceSelector, namespaces, topologyKey = '' } = term;
  const keys = { match: matchLabelKeys, mismatch: mismatchLabelKeys };
  return [
    ...validateLabelSelector(labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(namespaces ?? []).flatMap((name) => invalidBy(dns1123Label, `${field}.namespace`, name)),
    ...validateMatchLabelKeys(keys, labelSelector, field),
    ...(topologyKey ? [] : [required(`${field}.topologyKey`, 'can not be empty')]),
    ...invalidBy(qualifiedName, `${field}.topologyKey`, topologyKey),
  ];
}

const must = 'requiredDuringSchedulingIgnoredDuringExecution';
const should = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Upstream: validateAffinity. */
export function validateAffinity(affinity: Wire<V1Affinity> | undefined, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const node = affinity?.nodeAffinity;
  if (node?.[must]) {
    causes.push(...validateNodeSelector(node[must].nodeSelectorTerms, `${field}.nodeAffinity.${must}`));
  }
  // What must be there and is not, is as good as empty.
  for (const [index, { preference = {}, weight }] of (node?.[should] ?? []).entries()) {
    const at = `${field}.nodeAffinity.${should}[${index}]`;
    causes.push(...validateWeight(weight, at), ...validateTerm(preference, `${at}.preference`, { anyValue: true }));
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    for (const [index, term] of (affinity?.[kind]?.[must] ?? []).entries()) {
      causes.push(...validatePodTerm(term, `${field}.${kind}.${must}[${index}]`));
    }
    for (const [index, { podAffinityTerm = { topologyKey: '' }, weight }] of (
      affinity?.[kind]?.[should] ?? []
    ).entries()) {
      const at = `${field}.${kind}.${should}[${index}]`;
      causes.push(...validateWeight(weight, at), ...validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`));
    }
  }
  return causes;
}
