import { invalidBy } from '@skiff/api/causes';
import { dns1123Label } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { RuntimeClass } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { validateImmutable } from './immutable.ts';
import { validateAmount, validateContainerResourceName } from './pod-template/resource-validation.ts';

/** Upstream: pkg/registry/node/runtimeclass. */
export const runtimeClassStrategy = defineStrategy<RuntimeClass>({
  default({ scheduling }) {
    for (const toleration of scheduling?.tolerations ?? []) toleration.operator ||= 'Equal';
  },
  validate: ({ handler = '', overhead, scheduling }) => [
    ...invalidBy(dns1123Label, 'handler', handler),
    ...Object.entries(overhead?.podFixed ?? {}).flatMap(([name, value]) => [
      ...validateContainerResourceName(name, `overhead.podFixed[${name}]`),
      ...validateAmount(name, value, `overhead.podFixed[${name}]`),
    ]),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
  ],
  validateUpdate: ({ handler }, old) => validateImmutable(handler, old.handler, 'handler'),
});
