import { duplicate, invalidBy } from '@skiff/api/causes';
import { dns1123Label } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { RuntimeClass } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { deprecatedNodeLabels } from './deprecated.ts';
import { validateImmutable } from './immutable.ts';
import { validateRequirements } from './pod-template/resource-validation.ts';
import { validateTolerations } from './pod-template/scheduling-validation.ts';

type Tolerations = NonNullable<NonNullable<RuntimeClass['scheduling']>['tolerations']>;

/** No two tolerations of a class are the same, but for how long they hold. */
function validateUnique(tolerations: Tolerations, field: string): StatusCause[] {
  const seen = new Set<string>();
  return tolerations.flatMap((toleration, index) => {
    const { key, operator, value, effect } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    const again = seen.has(identity);
    seen.add(identity);
    return again ? [duplicate(`${field}[${index}]`, toleration)] : [];
  });
}

/** Upstream: pkg/registry/node/runtimeclass and pkg/apis/node/validation. */
export const runtimeClassStrategy = defineStrategy<RuntimeClass>({
  validate({ handler = '', overhead, scheduling }) {
    const tolerations = scheduling?.tolerations ?? [];
    const field = 'scheduling.tolerations';
    return [
      ...invalidBy(dns1123Label, 'handler', handler),
      // As the limits of a container, and so upstream names the field.
      ...validateRequirements({ limits: overhead?.podFixed ?? {} }, 'overhead'),
      ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
      ...validateTolerations(tolerations, field),
      ...validateUnique(tolerations, field),
    ];
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const why = deprecatedNodeLabels[key];
      return why ? [`scheduling.nodeSelector: ${key} is ${why}`] : [];
    }),
  validateUpdate: ({ handler }, old) => validateImmutable(handler, old.handler, 'handler'),
});
