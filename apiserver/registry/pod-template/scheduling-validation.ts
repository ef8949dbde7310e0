import type { V1Toleration, V1TopologySpreadConstraint } from '@kubernetes/client-node';
import { duplicate, invalidBy, invalidValue, notSupported, optionalOneOf, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { labelValue, qualifiedName } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import { taintEffects } from '../taints.ts';
import { validateMatchLabelKeys } from './affinity-validation.ts';

/** Upstream: ValidateTolerations. */
export function validateTolerations(tolerations: readonly Wire<V1Toleration>[], field: string): StatusCause[] {
  return tolerations.flatMap(({ effect, key, operator = '', tolerationSeconds, value = '' }, index) => {
    const at = `${field}[${index}]`;
    const causes = key ? invalidBy(qualifiedName, `${at}.key`, key) : [];
    if (!key && operator !== 'Exists') {
      const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      causes.push(invalidValue(`${at}.operator`, operator, rule));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const rule = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      causes.push(invalidValue(`${at}.effect`, effect ?? '', rule));
    }
    if (operator === 'Equal' || operator === '') {
      const wrong = labelValue(value);
      if (wrong.length) causes.push(invalidValue(`${at}.operator`, value, wrong.join(';')));
    } else if (operator === 'Exists') {
      const rule = "value must be empty when `operator` is 'Exists'";
      if (value) causes.push(invalidValue(`${at}.operator`, value, rule));
    } else causes.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    return [...causes, ...optionalOneOf(`${at}.effect`, effect || undefined, taintEffects)];
  });
}

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const policies = ['Honor', 'Ignore'];

function validateMinDomains(constraint: Wire<V1TopologySpreadConstraint>, field: string): StatusCause[] {
  const { minDomains, whenUnsatisfiable } = constraint;
  if (minDomains === undefined) return [];
  const causes = minDomains > 0 ? [] : [invalidValue(field, minDomains, 'must be greater than zero')];
  if (whenUnsatisfiable === 'DoNotSchedule') return causes;
  const rule = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
  return [...causes, invalidValue(field, minDomains, rule)];
}

/** Upstream: validateTopologySpreadConstraints. */
export function validateSpread(constraints: readonly Wire<V1TopologySpreadConstraint>[], field: string): StatusCause[] {
  return constraints.flatMap((constraint, index) => {
    const { labelSelector, matchLabelKeys, maxSkew = 0, topologyKey, whenUnsatisfiable } = constraint;
    const at = `${field}[${index}]`;
    const causes: StatusCause[] = [];
    if (maxSkew <= 0) causes.push(invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) causes.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (!actions.includes(whenUnsatisfiable)) {
      causes.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', actions));
    }
    const again = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (again) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      causes.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    return [
      ...causes,
      ...validateMinDomains(constraint, `${at}.minDomains`),
      ...optionalOneOf(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, policies),
      ...optionalOneOf(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, policies),
      ...validateMatchLabelKeys({ match: matchLabelKeys }, labelSelector, at),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
    ];
  });
}

/** Upstream: validateSchedulingGates. */
export function validateGates(gates: readonly { name: string }[], field: string): StatusCause[] {
  const seen = new Set<string>();
  return gates.flatMap(({ name }, index) => {
    const causes = invalidBy(qualifiedName, `${field}[${index}]`, name ?? '');
    if (seen.has(name)) causes.push(duplicate(`${field}[${index}]`, name));
    seen.add(name);
    return causes;
  });
}
