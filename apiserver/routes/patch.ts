import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { badRequest, notFound, StatusError, unsupportedMediaType } from '@skiff/api/status';
import { mediaType, parseJson, parseYaml, readBody } from '../http/body.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMerge } from '../patch/strategic-merge.ts';
import type { Registry } from '../registry/registry.ts';
import type { Shape } from '../registry/shape.ts';
import { apply, applyType } from './apply.ts';
import { type Expected, expectedOf, placeObject } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { RouteServices } from './route.ts';
import { writeContext } from './services.ts';
import { type FieldValidation, patchOptions } from './write-options.ts';

/** Works a patch into an object and returns the result, in which nothing is checked yet. */
export type Patcher = (object: object) => unknown;

const strategicType = 'application/strategic-merge-patch+json';
const accepted = ['application/json-patch+json', 'application/merge-patch+json', strategicType, applyType];

/** The patch in a request's body, by its media type. Throws 415 for those that the shape does not take. */
export async function patcherOf(request: ApiRequest, { strategic }: Shape): Promise<Patcher> {
  const type = mediaType(request.http);
  const taken = strategic ? accepted : accepted.filter((one) => one !== strategicType);
  if (!taken.includes(type)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${taken.join(', ')}`,
    );
  }
  const text = (await readBody(request.http)).toString('utf8');
  const patch =
    text.trimStart().startsWith('{') || text.trimStart().startsWith('[') ? parseJson(text) : await parseYaml(text);
  if (type === 'application/json-patch+json') return (object) => applyJsonPatch(object, patch);
  if (type === 'application/merge-patch+json') return (object) => applyMergePatch(object, patch);
  const schema = strategic?.();
  return (object) => (schema ? applyStrategicMerge(object, patch, schema) : object);
}

/** 422 with the cause on `patch`: the patch applies, and what comes out is no object of the kind. */
function notOfKind(problems: readonly string[]): StatusError {
  const message = `Invalid value: ${problems.join(', ')}`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: ` "" is invalid: patch: ${message}`,
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  });
}

/** Checks what came out of a patch as if it had been sent. */
export function decodePatched(
  patched: unknown,
  kind: Expected,
  options: { fieldValidation: FieldValidation; warnings: Set<string> },
): Record<string, unknown> {
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched)) throw notOfKind(['not an object']);
  const { kind: name, apiVersion } = patched as { kind?: unknown; apiVersion?: unknown }; // any JSON object may have them
  if (name !== kind.kind || apiVersion !== apiVersionOf(kind)) {
    throw badRequest(`a patch cannot change the kind or version of an object: ${String(apiVersion)} ${String(name)}`);
  }
  const { object, wrong, strict } = kind.shape.read(patched);
  if (wrong !== undefined) throw notOfKind([wrong]);
  if (strict.length && options.fieldValidation === 'Strict')
    throw notOfKind([`strict decoding error: ${strict.join(', ')}`]);
  if (options.fieldValidation === 'Warn') for (const text of strict) options.warnings.add(text);
  return object;
}

/** PATCH of an object, or of its status: JSON Patch, merge patch, strategic merge patch, server-side apply. */
export async function patch(request: ApiRequest, registry: Registry, services: RouteServices): Promise<Answer> {
  const { info } = request;
  const { kind } = registry;
  if (mediaType(request.http) === applyType) return apply(request, registry, services);
  const options = patchOptions(request.query, { apply: false });
  const patched = await patcherOf(request, registry.form.shape);
  const context = writeContext(request, services, { ...options, subresource: info.subresource });
  const change = (current: KubeObject | undefined): KubeObject => {
    if (!current) throw notFound(kind, info.name);
    const object = decodePatched(patched(current), expectedOf(registry), { ...options, warnings: request.warnings });
    return placeObject(object, kind, info);
  };
  return { code: 200, object: (await registry.update(info, change, context)).object };
}
