import { forbiddenField, optionalOneOf } from '@skiff/api/causes';
import { kindNamed } from '@skiff/api/kinds';
import { forbidden, type StatusCause } from '@skiff/api/status';
import type { PriorityClass } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateImmutable } from './immutable.ts';

/** Users' Pods stay below the system's. */
const highestOfUsers = 1_000_000_000;

/** The classes that every cluster has (upstream: pkg/apis/scheduling/v1/helpers.go). */
export const systemPriorityClasses: readonly PriorityClass[] = [
  systemClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  systemClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
];

function systemClass(name: string, value: number, description: string): PriorityClass {
  const head = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name } };
  return { ...head, value, description };
}

function validate({ metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass): StatusCause[] {
  const { name = '' } = metadata;
  const causes: StatusCause[] = [];
  if (name.startsWith('system-')) {
    const known = systemPriorityClasses.find((one) => one.metadata.name === name);
    if (known?.value !== value || globalDefault) {
      const rule = "priority class names with 'system-' prefix are reserved for system use only";
      causes.push(forbiddenField('metadata.name', rule));
    }
  } else if (value > highestOfUsers) {
    const rule = `maximum allowed value of a user defined priority is ${highestOfUsers}`;
    causes.push(forbiddenField('value', rule));
  }
  return [...causes, ...optionalOneOf('preemptionPolicy', preemptionPolicy, ['Never', 'PreemptLowerPriority'])];
}

/** Upstream: pkg/registry/scheduling/priorityclass, and the Priority admission plugin. */
export const priorityClassStrategy = defineStrategy<PriorityClass>({
  admit(object, _old, context) {
    if (!object.globalDefault) return;
    // What was listed are PriorityClasses.
    const classes = context.list('PriorityClass') as readonly unknown[] as readonly PriorityClass[];
    const other = classes.find((one) => one.globalDefault && one.metadata.name !== object.metadata.name);
    if (!other) return;
    const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
    throw forbidden(kindNamed('PriorityClass'), object.metadata.name, why);
  },
  default(object) {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  validate,
  validateUpdate: (object, old) => [
    ...(object.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...validateImmutable(object.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy'),
  ],
});
