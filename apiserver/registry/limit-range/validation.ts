import { duplicate, forbiddenField, invalidBy, invalidValue, required } from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import { Quantity } from '@skiff/api/quantity';
import type { StatusCause } from '@skiff/api/status';
import type { LimitRange } from '@skiff/api/types';
import {
  canOvercommit,
  validateContainerResourceName,
  validateResourceName,
} from '../pod-template/resource-validation.ts';

type Item = NonNullable<LimitRange['spec']>['limits'][number];
const bounds = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Bound = (typeof bounds)[number];

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, field: string): StatusCause[] {
  const causes = invalidBy(qualifiedName, field, type);
  if (causes.length || type.includes('/') || types.includes(type)) return causes;
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')];
}

/** Which bound may not be above which other one, and what is at fault then. */
const order: readonly { lower: Bound; upper: Bound; fault: Bound }[] = [
  { lower: 'min', upper: 'max', fault: 'min' },
  { lower: 'min', upper: 'defaultRequest', fault: 'defaultRequest' },
  { lower: 'defaultRequest', upper: 'max', fault: 'defaultRequest' },
  { lower: 'defaultRequest', upper: 'default', fault: 'defaultRequest' },
  { lower: 'min', upper: 'default', fault: 'default' },
  { lower: 'default', upper: 'max', fault: 'default' },
];

function validateResource(item: Item, name: string, field: string): StatusCause[] {
  const at = (bound: Bound): Quantity | undefined => Quantity.tryParse(item[bound]?.[name] ?? '');
  const path = (bound: Bound): string => `${field}.${bound}[${name}]`;
  const causes = order.flatMap(({ lower, upper, fault }) => {
    const [low, high] = [at(lower), at(upper)];
    if (!low || !high || low.compare(high) <= 0) return [];
    return [
      invalidValue(path(fault), item[fault]?.[name], `${lower} value ${low} is greater than ${upper} value ${high}`),
    ];
  });
  const ratio = at('maxLimitRequestRatio');
  const [min, max] = [at('min'), at('max')];
  if (ratio && ratio.toNumber() < 1) {
    causes.push(invalidValue(path('maxLimitRequestRatio'), String(ratio), `ratio ${ratio} is less than 1`));
  }
  if (ratio && min && max && ratio.toNumber() > max.toNumber() / min.toNumber()) {
    const rule = `ratio ${ratio} is greater than max/min = ${max.toNumber() / min.toNumber()}`;
    causes.push(invalidValue(path('maxLimitRequestRatio'), String(ratio), rule));
  }
  const [limit, request] = [at('default'), at('defaultRequest')];
  if (limit && request && !canOvercommit(name) && limit.compare(request) !== 0) {
    const rule = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    causes.push(invalidValue(path('defaultRequest'), String(request), rule));
  }
  return causes;
}

function validateItem(item: Item, field: string): StatusCause[] {
  const causes = validateType(item.type ?? '', `${field}.type`);
  const names = new Set<string>();
  const ofContainers = item.type === 'Pod' || item.type === 'Container';
  for (const bound of bounds) {
    const amounts = Object.keys(item[bound] ?? {});
    if (item.type === 'Pod' && (bound === 'default' || bound === 'defaultRequest')) {
      if (amounts.length) causes.push(forbiddenField(`${field}.${bound}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of amounts) {
      names.add(name);
      const path = `${field}.${bound}[${name}]`;
      causes.push(...(ofContainers ? validateContainerResourceName(name, path) : validateResourceName(name, path)));
    }
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    const rule = 'either minimum or maximum storage value is required, but neither was provided';
    causes.push(required(`${field}.limits`, rule));
  }
  return [...causes, ...[...names].flatMap((name) => validateResource(item, name, field))];
}

/** Upstream: ValidateLimitRange. */
export function validateLimitRange({ spec }: LimitRange): StatusCause[] {
  const limits = spec?.limits ?? [];
  return limits.flatMap((item, index) => {
    const field = `spec.limits[${index}]`;
    const again = limits.findIndex(({ type }) => type === item.type) < index;
    return [...validateItem(item, field), ...(again ? [duplicate(`${field}.type`, item.type)] : [])];
  });
}
