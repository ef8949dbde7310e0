import type { KubeObject } from '@skiff/api/meta';
import { duplicateFields } from '@skiff/api/schema/duplicate-fields';
import { badRequest, conflict, notFound, StatusError } from '@skiff/api/status';
import { parseJson, parseYaml, readBody } from '../http/body.ts';
import type { Registry } from '../registry/registry.ts';
import { checkCreation } from './check-creation.ts';
import { placeObject } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { RouteServices } from './route.ts';
import { writeContext } from './services.ts';
import { type FieldValidation, patchOptions } from './write-options.ts';

/** The media type of server-side apply; JSON is YAML, too. */
export const applyType = 'application/apply-patch+yaml';

/** An applied configuration, and what is said of fields that its text repeats. */
export interface Config {
  readonly value: KubeObject;
  readonly repeated: readonly string[];
}

/** Refuses repeated fields, or warns of them. Throws 400. */
export function checkRepeated(
  { repeated: faults }: Config,
  options: { fieldValidation: FieldValidation; warnings: Set<string> },
): void {
  if (faults.length && options.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: ${faults.join(', ')}`);
  }
  if (options.fieldValidation === 'Warn') for (const fault of faults) options.warnings.add(fault);
}

/** The configuration in a request's body. Throws 400 for what is no object. */
export async function configOf(request: ApiRequest): Promise<Config> {
  const text = (await readBody(request.http)).toString('utf8');
  const json = text.trimStart().startsWith('{');
  const { value, repeated } = json ? readJson(text) : await parseYaml(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('error decoding YAML: the configuration is no object');
  }
  // What it says is checked against the kind's schema when it is applied.
  return { value: value as KubeObject, repeated };
}

function readJson(text: string): { value: unknown; repeated: string[] } {
  const value = parseJson(text);
  return { value, repeated: duplicateFields(text).map((path) => `duplicate field "${path}"`) };
}

/**
 * Server-side apply: works a configuration into an object, and makes the object where there is none. What the field manager does not
 * say any longer goes; what others own is a conflict, unless forced.
 */
export async function apply(request: ApiRequest, registry: Registry, services: RouteServices): Promise<Answer> {
  const { info, now } = request;
  const { kind, fieldManager, form } = registry;
  const { force, ...options } = patchOptions(request.query, { apply: true });
  const config = await configOf(request);
  const tracked = writeContext(request, services, { ...options, subresource: info.subresource });
  const write = { manager: tracked.manager ?? '', subresource: info.subresource, now, force };

  const change = (current: KubeObject | undefined): KubeObject => {
    if (!current) {
      if (info.subresource !== '') throw notFound(kind, info.name);
      checkCreation(request, kind, services);
    }
    const applied = fieldManager.apply(current, config.value, write);
    checkRepeated(config, { ...options, warnings: request.warnings });
    const { managedFields } = applied.metadata;
    const { object, wrong } = form.shape.read(applied);
    if (wrong !== undefined) throw new StatusError({ code: 500, message: `failed to convert new object: ${wrong}` });
    const placed = placeObject({ ...object, kind: applied.kind, apiVersion: applied.apiVersion }, kind, info);
    if (!current && placed.metadata.uid) {
      const why = `uid mismatch: the provided object specified uid ${placed.metadata.uid}, and no existing object was found`;
      throw conflict(kind, info.name, why);
    }
    if (managedFields) placed.metadata.managedFields = managedFields;
    return placed;
  };

  const written = await registry.update(info, change, { ...tracked, manager: undefined }, { create: true });
  return { code: written.created ? 201 : 200, object: written.object };
}
