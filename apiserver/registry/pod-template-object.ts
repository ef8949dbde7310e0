import { isDeepStrictEqual } from 'node:util';
import type { PodTemplate } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { defaultPodTemplate } from './pod-template/defaults.ts';
import { validatePodTemplate } from './pod-template/validation.ts';
import { templateWarnings } from './pod-template/warnings.ts';

/** PodTemplates, which nothing but people reads (upstream: pkg/registry/core/podtemplate). */
export const podTemplateStrategy = defineStrategy<PodTemplate>({
  deleteReturnsObject: true,
  default(object) {
    object.template ??= {};
    defaultPodTemplate(object.template);
  },
  validate: ({ template }) => validatePodTemplate(template ?? {}, 'template'),
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old) {
    if (isDeepStrictEqual(object.template, old.template)) return;
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  warnings: ({ template }) => templateWarnings(template ?? {}, 'template'),
});
