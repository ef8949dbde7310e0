import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { duplicateFields } from '@skiff/api/schema/duplicate-fields';
import { badRequest, notFound, StatusError, unsupportedMediaType } from '@skiff/api/status';
import { mediaType, parseJson, readBody } from '../http/body.ts';
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

/** A patch that was read, to be worked into objects. */
export interface Patch {
  /** Returns the result, in which nothing is checked yet. Does not change the object. */
  apply(object: object): unknown;
  /** Members that the patch repeats or, of a JSON Patch, that no operation has, in the words of Kubernetes' strict decoder. */
  readonly strict: readonly string[];
}

const jsonType = 'application/json-patch+json';
const mergeType = 'application/merge-patch+json';
const strategicType = 'application/strategic-merge-patch+json';

/** The patch in a request's body, by its media type. Throws 415 for those that the shape does not take. */
export async function patchOf(request: ApiRequest, { strategic }: Shape): Promise<Patch> {
  const type = mediaType(request.http);
  const accepted = [jsonType, mergeType, ...(strategic ? [strategicType] : []), applyType];
  if (!accepted.includes(type)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    );
  }
  const text = (await readBody(request.http)).toString('utf8');
  const patch = parseJson(text);
  const repeated = duplicateFields(text).map((path) => `duplicate field "${path}"`);
  if (type === jsonType) {
    const strict = [...repeated, ...unknownMembers(patch)].map((fault) => `json patch ${fault}`);
    return { strict, apply: (object) => applyJsonPatch(object, patch) };
  }
  const schema = type === strategicType ? strategic?.() : undefined;
  if (!schema) return { strict: repeated, apply: (object) => applyMergePatch(object, patch) };
  return {
    strict: repeated,
    // Upstream merges into the type itself, which knows what it is.
    apply: (object) => Object.assign({}, applyStrategicMerge(object, patch, schema), typeOf(object)),
  };
}

/** What an object says that it is; any JSON object may say so. */
function typeOf(object: { kind?: unknown; apiVersion?: unknown }): { kind?: unknown; apiVersion?: unknown } {
  const { kind, apiVersion } = object;
  return { ...(kind !== undefined && { kind }), ...(apiVersion !== undefined && { apiVersion }) };
}

const operationMembers = new Set(['op', 'path', 'from', 'value']);

/** What the operations of a JSON Patch have beside their members. */
function unknownMembers(patch: unknown): string[] {
  if (!Array.isArray(patch)) return [];
  return patch.flatMap((operation: unknown, index) => {
    const names = typeof operation === 'object' && operation !== null ? Object.keys(operation) : [];
    return names.filter((name) => !operationMembers.has(name)).map((name) => `unknown field "[${index}].${name}"`);
  });
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

/** Works a patch into an object, and checks what comes out as if it had been sent. */
export function decodePatched(
  { patch, object: before }: { patch: Patch; object: object },
  kind: Expected,
  options: { fieldValidation: FieldValidation; warnings: Set<string> },
): Record<string, unknown> {
  const patched = patch.apply(before);
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched)) throw notOfKind(['not an object']);
  const was = apiVersionOf(kind);
  const { kind: name = kind.kind, apiVersion = was } = typeOf(patched);
  if (name !== kind.kind || apiVersion !== was) {
    const what = `${String(apiVersion)}, Kind=${String(name)} cannot take the place of ${was}, Kind=${kind.kind}`;
    throw kind.shape.strategic ? notOfKind([what]) : badRequest(what);
  }
  const { object, wrong, strict } = kind.shape.read(patched);
  if (wrong !== undefined) throw notOfKind([wrong]);
  const faults = [...patch.strict, ...strict];
  if (faults.length && options.fieldValidation === 'Strict') {
    throw notOfKind([`strict decoding error: ${faults.join(', ')}`]);
  }
  if (options.fieldValidation === 'Warn') for (const text of faults) options.warnings.add(text);
  return { ...object, kind: kind.kind, apiVersion: was };
}

/** PATCH of an object, or of its status: JSON Patch, merge patch, strategic merge patch, server-side apply. */
export async function patch(request: ApiRequest, registry: Registry, services: RouteServices): Promise<Answer> {
  const { info } = request;
  const { kind } = registry;
  if (mediaType(request.http) === applyType) return apply(request, registry, services);
  const options = patchOptions(request.query, { apply: false });
  const change = await patchOf(request, registry.form.shape);
  const context = writeContext(request, services, { ...options, subresource: info.subresource });
  const decoding = { ...options, warnings: request.warnings };
  const patched = (object: KubeObject | undefined): KubeObject => {
    if (!object) throw notFound(kind, info.name);
    return placeObject(decodePatched({ patch: change, object }, expectedOf(registry), decoding), kind, info);
  };
  return { code: 200, object: (await registry.update(info, patched, context)).object };
}
