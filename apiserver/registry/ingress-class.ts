import { forbiddenField, invalidBy, notSupported, required, tooLongValue } from '@skiff/api/causes';
import { dns1123Label, dns1123Subdomain, domainPrefixedPath, pathSegmentName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { IngressClass } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateImmutable } from './immutable.ts';
import { countGeneration } from './spec-and-status.ts';

const maxController = 250;

type Parameters = NonNullable<NonNullable<IngressClass['spec']>['parameters']>;

function validateParameters({ apiGroup, kind, name, scope, namespace }: Parameters): StatusCause[] {
  const field = 'spec.parameters';
  const causes = apiGroup === undefined ? [] : invalidBy(dns1123Subdomain, `${field}.apiGroup`, apiGroup);
  for (const [member, value] of Object.entries({ kind, name })) {
    if (!value) causes.push(required(`${field}.${member}`));
    else causes.push(...invalidBy(pathSegmentName, `${field}.${member}`, value));
  }
  if (scope === undefined) return [...causes, required(`${field}.scope`)];
  if (scope === 'Namespace') {
    if (namespace !== undefined) return [...causes, ...invalidBy(dns1123Label, `${field}.namespace`, namespace)];
    return [...causes, required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'")];
  }
  if (scope !== 'Cluster') return [...causes, notSupported(`${field}.scope`, scope, ['Cluster', 'Namespace'])];
  if (namespace === undefined) return causes;
  return [...causes, forbiddenField(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'")];
}

/** Upstream: pkg/registry/networking/ingressclass. */
export const ingressClassStrategy = defineStrategy<IngressClass>({
  default({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  prepareForUpdate: (object, old) => countGeneration(object, old),
  validate({ spec }) {
    const { controller, parameters } = spec ?? {};
    const field = 'spec.controller';
    return [
      ...(controller ? invalidBy(domainPrefixedPath, field, controller) : [required(field)]),
      ...((controller?.length ?? 0) > maxController ? [tooLongValue(field, maxController)] : []),
      ...(parameters ? validateParameters(parameters) : []),
    ];
  },
  validateUpdate: ({ spec }, old) => validateImmutable(spec?.controller, old.spec?.controller, 'spec.controller'),
});
