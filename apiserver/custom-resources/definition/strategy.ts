import { isDeepStrictEqual } from 'node:util';
import { normalize } from '@skiff/api/schema/normalize';
import { schemaFor } from '@skiff/api/schema/schema';
import { defineStrategy } from '../../registry/define-strategy.ts';
import { timestamp } from '../../registry/deletion.ts';
import { isKnownFormat } from '../schema/formats.ts';
import { allSchemas } from '../schema/json-schema.ts';
import { cleanupFinalizer, type Definition, schemaOf, storageVersion, withCondition } from './definition.ts';
import { readNested } from './nested-schemas.ts';
import { definitionFaults } from './validation.ts';

/** Formats that nothing is checked by: most often they are misspelt. */
function strangeFormats({ spec }: Definition): Set<string> {
  const found = new Set<string>();
  for (const version of spec.versions) {
    for (const { format, type } of allSchemas(schemaOf(version))) {
      if (format && !isKnownFormat(format, type)) found.add(format);
    }
  }
  return found;
}

/** CustomResourceDefinitions (upstream: apiextensions-apiserver/pkg/registry/customresourcedefinition and its defaults). */
export const definitionStrategy = defineStrategy<Definition>({
  default(definition) {
    // So that all is there that validation looks at; a definition without anything is told of all that it lacks.
    normalize(definition as unknown as Record<string, unknown>, schemaFor('V1CustomResourceDefinition'));
    const { spec } = definition;
    spec.versions ??= [];
    const { names } = spec;
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    }
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service) service.port ??= 443;
    for (const version of spec.versions) readNested(version);
  },

  prepareForCreate(definition) {
    definition.metadata.generation = 1;
    definition.status = {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: [storageVersion(definition)].filter(Boolean),
    };
  },

  prepareForUpdate(definition, old, { subresource }) {
    if (subresource === 'status') {
      definition.spec = structuredClone(old.spec);
      return;
    }
    if (old.status) definition.status = structuredClone(old.status);
    if (!isDeepStrictEqual(definition.spec, old.spec)) {
      definition.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
    const stored = definition.status?.storedVersions ?? [];
    const storage = storageVersion(definition);
    if (definition.status && storage && !stored.includes(storage)) {
      definition.status.storedVersions = [...stored, storage];
    }
  },

  validateChange: (definition, old, { subresource }) => definitionFaults(definition, old, subresource),

  warnings(definition, old, { subresource }) {
    if (subresource) return [];
    const known = old ? strangeFormats(old) : new Set();
    const strange = [...strangeFormats(definition)].filter((format) => !known.has(format));
    return strange.map((format) => `unrecognized format "${format}"`);
  },

  ownFinalizers: true,
  deletionFinalizers: [cleanupFinalizer],
  deletesInItsOwnWay: true,
  deleteReturnsObject: true,
  prepareForDelete(definition, now) {
    const conditions = withCondition(
      definition.status?.conditions ?? [],
      {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionPending',
        message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      },
      timestamp(now),
    );
    definition.status = { ...definition.status, conditions };
  },
});
