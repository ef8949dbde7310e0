import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalidBy, oneOf, optionalOneOf, required, tooLongValue } from '@skiff/api/causes';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { StorageClass } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { validateImmutable } from '../immutable.ts';

const maxParameters = 512;

function validateParameters(parameters: Readonly<Record<string, string>> = {}): StatusCause[] {
  const keys = Object.keys(parameters);
  return [
    ...(keys.length > maxParameters ? [tooLongValue('parameters', maxParameters)] : []),
    ...keys.filter((key) => key === '').map(() => required('parameters', 'must not be empty.')),
  ];
}

const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;

/** Upstream: pkg/registry/storage/storageclass. */
export const storageClassStrategy = defineStrategy<StorageClass>({
  deleteReturnsObject: true,
  default(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: ({ provisioner, parameters, reclaimPolicy, volumeBindingMode }) => [
    ...(provisioner
      ? invalidBy((name) => qualifiedName(name.toLowerCase()), 'provisioner', provisioner)
      : [required('provisioner')]),
    ...validateParameters(parameters),
    ...optionalOneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ],
  validateUpdate: (object, old) => [
    ...fixed
      .filter((name) => !isDeepStrictEqual(object[name], old[name]))
      .map((name) => forbiddenField(name, `updates to ${name} are forbidden.`)),
    ...validateImmutable(object.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode'),
  ],
});
