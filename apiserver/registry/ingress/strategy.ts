import type { Ingress, IngressClass } from '@skiff/api/types';
import { newestDefault } from '../default-class.ts';
import { defineStrategy } from '../define-strategy.ts';
import { specAndStatus } from '../spec-and-status.ts';
import { classAnnotation, validateClassNames, validateIngress, validateIngressStatus } from './validation.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** Upstream: pkg/registry/networking/ingress, and the DefaultIngressClass admission plugin. */
export const ingressStrategy = defineStrategy<Ingress>({
  ...specAndStatus(),
  admit(ingress, old, context) {
    if (old || ingress.spec?.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[classAnnotation] !== undefined) return;
    // What was listed are IngressClasses.
    const classes = context.list('IngressClass') as readonly unknown[] as readonly IngressClass[];
    const chosen = newestDefault(classes, defaultAnnotation);
    if (chosen) ingress.spec = { ...ingress.spec, ingressClassName: chosen.metadata.name };
  },
  validate: (ingress, { subresource }) =>
    subresource === 'status' ? validateIngressStatus(ingress) : validateIngress(ingress),
  validateCreate: validateClassNames,
  warnings: ({ metadata }, old) =>
    old || metadata.annotations?.[classAnnotation] === undefined
      ? []
      : [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`],
});
