import { invalidBy, invalidValue, required } from '@skiff/api/causes';
import { cidr, ipFamily } from '@skiff/api/ip';
import type { StatusCause } from '@skiff/api/status';
import type { ServiceCIDR } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { keepSpec, keepStatus } from './spec-and-status.ts';

const field = 'spec.cidrs';
const rangesOf = ({ spec }: ServiceCIDR): readonly string[] => spec?.cidrs ?? [];
const familyOf = (range: string): string | undefined => ipFamily(range.split('/')[0] ?? '');

function validateRanges(object: ServiceCIDR): StatusCause[] {
  const ranges = rangesOf(object);
  if (!ranges.length) return [required(field, 'at least one CIDR required')];
  if (ranges.length > 2) return [invalidValue(field, object.spec, 'may only hold up to 2 values')];
  const causes = ranges.flatMap((range, index) => invalidBy(cidr, `${field}[${index}]`, range));
  const [first = '', second] = ranges;
  if (second === undefined || familyOf(first) === undefined || familyOf(first) !== familyOf(second)) return causes;
  const rule = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
  return [...causes, invalidValue(field, ranges, rule)];
}

/** A range of one family may get one of the other; nothing else changes. */
function validateChange(object: ServiceCIDR, old: ServiceCIDR): StatusCause[] {
  const ranges = rangesOf(object);
  const before = rangesOf(old);
  const grown = before.length === 1 && ranges.length === 2;
  if (before.length !== ranges.length && !grown) return [invalidValue(field, ranges, 'field is immutable')];
  const changed = before.flatMap((range, index) =>
    range === ranges[index] ? [] : [invalidValue(`${field}[${index}]`, ranges[index], 'field is immutable')],
  );
  return grown ? [...changed, ...validateRanges(object)] : changed;
}

/** Ranges of cluster IPs (upstream: pkg/registry/networking/servicecidr). They have no generation. */
export const serviceCidrStrategy = defineStrategy<ServiceCIDR>({
  prepareForCreate(object) {
    delete object.status;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') keepSpec(object, old);
    else keepStatus(object, old);
  },
  validateCreate: validateRanges,
  validateUpdate: (object, old, { subresource }) => (subresource === 'status' ? [] : validateChange(object, old)),
});
