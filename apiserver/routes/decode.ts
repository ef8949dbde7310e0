import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { badRequest } from '@skiff/api/status';
import { type DecodedBody, decodeBody, mediaType, readBody } from '../http/body.ts';
import type { Registry } from '../registry/registry.ts';
import type { Shape } from '../registry/shape.ts';
import type { ApiRequest } from './request.ts';
import type { FieldValidation } from './write-options.ts';

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads and decodes a request's body. */
export async function bodyOf(request: ApiRequest): Promise<DecodedBody> {
  return decodeBody(await readBody(request.http), mediaType(request.http));
}

/** What a decoded body must be, and what its kind and apiVersion say where they are there. */
export interface Expected {
  readonly shape: Shape;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

/** Throws 400 where the body is another kind's, or none at all. */
export function checkKind(value: unknown, expected: Expected): Json {
  if (!isMap(value)) throw badRequest('the object provided is unrecognized: it is no JSON object');
  const apiVersion = apiVersionOf(expected);
  if (expected.shape.selfDescribing && !value['kind']) throw badRequest("Object 'Kind' is missing in the body");
  if (expected.shape.selfDescribing && !value['apiVersion']) {
    throw badRequest("Object 'apiVersion' is missing in the body");
  }
  const wrongKind = value['kind'] !== undefined && value['kind'] !== expected.kind;
  const wrongVersion = value['apiVersion'] !== undefined && value['apiVersion'] !== apiVersion;
  if (wrongKind || wrongVersion) {
    const given = `${String(value['apiVersion'] ?? apiVersion)}, Kind=${String(value['kind'] ?? expected.kind)}`;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${given} does not match ${apiVersion}, Kind=${expected.kind}`,
    );
  }
  return value;
}

/** Reads a body as an object of a type: values of the wrong type and, if strict, unknown or repeated fields are 400. */
export function decodeAs(
  body: DecodedBody,
  expected: Expected,
  options: { fieldValidation: FieldValidation; warnings: Set<string> },
): Json {
  const value = checkKind(body.value, expected);
  const what = `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}`;
  const text = options.fieldValidation === 'Ignore' ? undefined : body.json;
  const { object, wrong, strict: unknown } = expected.shape.read(value, text);
  if (wrong !== undefined) throw badRequest(`${what}: ${wrong}`);
  const strict = [...(body.repeated ?? []), ...unknown];
  if (strict.length && options.fieldValidation === 'Strict') {
    throw badRequest(`${what}: strict decoding error: ${strict.join(', ')}`);
  }
  if (options.fieldValidation === 'Warn') for (const text of strict) options.warnings.add(text);
  return { ...object, kind: expected.kind, apiVersion: apiVersionOf(expected) };
}

/**
 * Gives an object the namespace of its path, which kinds without namespaces ignore. Throws 400 where it has another one, or, where
 * the path has a name, not that name.
 */
export function placeObject(
  object: Json,
  kind: Kind,
  { namespace, name }: { namespace: string; name: string },
): KubeObject {
  const metadata: Json = isMap(object['metadata']) ? { ...object['metadata'] } : {};
  if (kind.namespaced) {
    if (metadata['namespace'] && metadata['namespace'] !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    }
    metadata['namespace'] = namespace;
  } else delete metadata['namespace'];
  const given = metadata['name'];
  if (name !== '' && given !== name) {
    if (given)
      throw badRequest(`the name of the object (${String(given)}) does not match the name on the URL (${name})`);
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  // The schema has checked the types of metadata's fields; a missing name is for validation to report.
  return { ...object, metadata } as unknown as KubeObject;
}

/** What the objects of a registry's kind are read as. */
export const expectedOf = ({ kind, form }: Registry): Expected => ({ ...kind, shape: form.shape });
