import { isDeepStrictEqual } from 'node:util';
import { duplicate, forbiddenField, invalidBy, oneOf, optionalOneOf, required, tooLongValue } from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { StorageClass } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { deprecatedNodeLabels } from '../deprecated.ts';
import { validateImmutable } from '../immutable.ts';

const maxParameters = 512;

function validateParameters(parameters: Readonly<Record<string, string>> = {}): StatusCause[] {
  const keys = Object.keys(parameters);
  return [
    ...(keys.length > maxParameters ? [tooLongValue('parameters', maxParameters)] : []),
    ...keys.filter((key) => key === '').map(() => required('parameters', 'must not be empty.')),
  ];
}

type Topologies = NonNullable<StorageClass['allowedTopologies']>;
type Expression = NonNullable<Topologies[number]['matchLabelExpressions']>[number];

function validateExpression({ key = '', values }: Expression, field: string): StatusCause[] {
  const given = values ?? []; // null stands for none
  const list = `${field}.values`;
  const again = given.flatMap((value, index) =>
    given.indexOf(value) < index ? [duplicate(`${list}[${index}]`, value)] : [],
  );
  return [...(given.length ? [] : [required(list)]), ...again, ...invalidBy(qualifiedName, `${field}.key`, key)];
}

/** Upstream: validateAllowedTopologies and ValidateTopologySelectorTerm, which give no index of the term. */
function validateTopologies(topologies: Topologies = []): StatusCause[] {
  const sorted = (term: Topologies[number]): object =>
    new Map((term.matchLabelExpressions ?? []).map(({ key, values }) => [key, new Set(values)]));
  const terms = topologies.map(sorted);
  return topologies.flatMap(({ matchLabelExpressions: expressions = [] }, position) => {
    const at = 'allowedTopologies.matchLabelExpressions';
    const causes = expressions.flatMap((expression, index) => {
      const field = `${at}[${index}]`;
      const again = expressions.findIndex(({ key }) => key === expression.key) < index;
      return [...validateExpression(expression, field), ...(again ? [duplicate(`${field}.key`, expression.key)] : [])];
    });
    const known = terms.slice(0, position).filter((term) => isDeepStrictEqual(term, terms[position]));
    return [...causes, ...known.map(() => duplicate(`allowedTopologies[${position}].matchLabelExpressions`, ''))];
  });
}

const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;

/** Upstream: pkg/registry/storage/storageclass. */
export const storageClassStrategy = defineStrategy<StorageClass>({
  deleteReturnsObject: true,
  default(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: ({ provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies }) => [
    ...(provisioner
      ? invalidBy((name) => qualifiedName(name.toLowerCase()), 'provisioner', provisioner)
      : [required('provisioner')]),
    ...validateParameters(parameters),
    ...optionalOneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...validateTopologies(allowedTopologies),
  ],
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, at) =>
      matchLabelExpressions.flatMap(({ key }, index) => {
        const why = deprecatedNodeLabels[key];
        return why ? [`allowedTopologies[${at}].matchLabelExpressions[${index}].key: ${key} is ${why}`] : [];
      }),
    ),
  validateUpdate: (object, old) => [
    ...fixed
      .filter((name) => !isDeepStrictEqual(object[name], old[name]))
      .map((name) => forbiddenField(name, `updates to ${name} are forbidden.`)),
    ...validateImmutable(object.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'),
  ],
});
