import type { HorizontalPodAutoscaler } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';
import { validateAutoscaler } from './validation.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;
type ScalingRules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;

/** Percent of the CPU that Pods ask for. */
const cpuUtilization = 80;

const scaleUp: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const scaleDown: ScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

const filled = (rules: ScalingRules | undefined, defaults: ScalingRules): ScalingRules => ({
  ...structuredClone(defaults),
  ...rules,
});

function setDefaults(object: HorizontalPodAutoscaler): void {
  object.spec ??= {} as Spec; // what is missing is for validation to report
  const { spec } = object;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: cpuUtilization };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (!spec.behavior) return;
  spec.behavior.scaleUp = filled(spec.behavior.scaleUp, scaleUp);
  spec.behavior.scaleDown = filled(spec.behavior.scaleDown, scaleDown);
}

/** Upstream: pkg/registry/autoscaling/horizontalpodautoscaler. They have no generation. */
export const horizontalPodAutoscalerStrategy = defineStrategy<HorizontalPodAutoscaler>({
  default: setDefaults,
  prepareForCreate(object) {
    delete object.status;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') keepSpec(object, old);
    else keepStatus(object, old);
  },
  validateChange: (object, old, { subresource }) => validateAutoscaler(object, old, subresource),
});
