import { invalidBy, invalidValue, required } from '@skiff/api/causes';
import type { ObjectMeta } from '@skiff/api/meta';
import { dns1035Label, pathSegmentName } from '@skiff/api/names';
import { validateLabels } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import { validateAnnotations } from '../../registry/metadata.ts';
import { isMap, itemsOf, type Json, type JsonSchema, memberOf } from './json-schema.ts';

/** Embedded resources say what they are, and have well formed metadata (upstream: apiserver/schema/objectmeta). */
export function validateEmbedded(value: unknown, schema: JsonSchema, path = ''): StatusCause[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.flatMap((item, index) => validateEmbedded(item, items, `${path}[${index}]`)) : [];
  }
  if (!isMap(value)) return [];
  const own = schema['x-kubernetes-embedded-resource'] ? resource(value, path) : [];
  const inner = Object.entries(value).flatMap(([name, member]) => {
    const found = memberOf(schema, name);
    return found ? validateEmbedded(member, found, path === '' ? name : `${path}.${name}`) : [];
  });
  return [...own, ...inner];
}

function resource(value: Json, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    causes.push(required(`${path}.apiVersion`, 'must not be empty'));
  } else if (apiVersion.split('/').length > 2) {
    causes.push(invalidValue(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (typeof kind !== 'string' || kind === '') causes.push(required(`${path}.kind`, 'must not be empty'));
  else if (dns1035Label(kind.toLowerCase()).length) {
    const rule = `may have mixed case, but should otherwise match: ${dns1035Label(kind.toLowerCase()).join(',')}`;
    causes.push(invalidValue(`${path}.kind`, kind, rule));
  }
  if (isMap(metadata)) {
    const { name, labels, annotations } = metadata as ObjectMeta; // pruning has read it as that
    if (name) causes.push(...invalidBy(pathSegmentName, `${path}.metadata.name`, name));
    causes.push(...validateLabels(labels, `${path}.metadata.labels`));
    causes.push(...validateAnnotations(annotations ?? {}, `${path}.metadata.annotations`));
  }
  return causes;
}
