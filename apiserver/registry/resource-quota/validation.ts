import { invalidValue, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { ResourceQuota } from '@skiff/api/types';
import { validateAmount } from '../pod-template/resource-validation.ts';
import { validateQuotaResource } from '../resource-names.ts';
import { isScope, type Scope, takesResource } from './scopes.ts';

type Spec = NonNullable<ResourceQuota['spec']>;
type Requirement = NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>[number];

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, field: string): StatusCause[] =>
  Object.entries(amounts ?? {}).flatMap(([name, value]) => [
    ...validateQuotaResource(name, `${field}[${name}]`),
    ...validateAmount(name, value, `${field}[${name}]`),
  ]);

const opposites: readonly (readonly [Scope, Scope])[] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];

/** The scopes of a quota must exist, apply to what it limits, and not exclude each other. */
function validateScopes(scopes: readonly string[], hard: readonly string[], fields: ScopeFields): StatusCause[] {
  const { scope: scopeField, list } = fields;
  return [
    ...scopes.flatMap((scope) => [
      ...(isScope(scope) ? [] : [invalidValue(scopeField, scopes, 'unsupported scope')]),
      ...hard
        .filter((name) => !takesResource(scope, name))
        .map(() => invalidValue(list, scopes, 'unsupported scope applied to resource')),
    ]),
    ...opposites
      .filter((pair) => pair.every((scope) => scopes.includes(scope)))
      .map(() => invalidValue(fields.conflict, scopes, 'conflicting scopes')),
  ];
}

interface ScopeFields {
  readonly scope: string;
  readonly list: string;
  readonly conflict: string;
}

/** Scopes that have values to choose among. */
const valued: ReadonlySet<string> = new Set<Scope>(['PriorityClass', 'VolumeAttributesClass']);

function validateRequirement({ scopeName, operator, values = [] }: Requirement, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (isScope(scopeName) && !valued.has(scopeName) && operator !== 'Exists') {
    causes.push(invalidValue(`${field}.operator`, operator, `must be 'Exist' when scope is ${scopeName}`));
  }
  if (operator === 'In' || operator === 'NotIn') {
    const rule = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (!values.length) causes.push(required(`${field}.values`, rule));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const rule = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length) causes.push(invalidValue(`${field}.values`, values, rule));
  } else causes.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  return causes;
}

/** Upstream: ValidateResourceQuotaSpec. */
export function validateQuotaSpec({ spec = {} }: ResourceQuota): StatusCause[] {
  const hard = Object.keys(spec.hard ?? {});
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const field = 'spec.scopeSelector.matchExpressions';
  const names = requirements.map(({ scopeName }) => scopeName);
  const list = 'spec.scopes';
  return [
    ...validateAmounts(spec.hard, 'spec.hard'),
    ...validateScopes(spec.scopes ?? [], hard, { scope: list, list, conflict: list }),
    ...validateScopes(names, hard, { scope: `${field}.scopeName`, list: field, conflict: field }),
    ...requirements.flatMap((requirement) => validateRequirement(requirement, field)),
  ];
}

export const validateQuotaStatus = ({ status }: ResourceQuota): StatusCause[] => [
  ...validateAmounts(status?.hard, 'status.hard'),
  ...validateAmounts(status?.used, 'status.used'),
];

/** What a quota counts stays as it was. */
export function validateQuotaChange({ spec }: ResourceQuota, old: ResourceQuota): StatusCause[] {
  const sorted = (scopes: readonly string[] | undefined): string => [...new Set(scopes)].sort().join();
  if (sorted(spec?.scopes) === sorted(old.spec?.scopes)) return [];
  return [invalidValue('spec.scopes', spec?.scopes, 'field is immutable')];
}
