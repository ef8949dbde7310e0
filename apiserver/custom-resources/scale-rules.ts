import { invalidValue } from '@skiff/api/causes';
import type { KubeObject } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { DefinitionVersion } from './definition/definition.ts';
import { isMap } from './schema/json-schema.ts';

const maxInt32 = 2 ** 31 - 1;

/** Go's name of a JSON value's type. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** The value that a path in dot notation leads to, undefined where there is none; `fault` says why nothing can be there. */
function nested(object: KubeObject, path: string): { value?: unknown; fault?: string } {
  const names = path.replace(/^\./, '').split('.');
  let value: unknown = object;
  for (const [depth, name] of names.entries()) {
    if (!isMap(value)) {
      const at = `.${names.slice(0, depth).join('.')}`;
      return {
        fault: `${at} accessor error: ${JSON.stringify(value)} is of the type ${goType(value)}, expected map[string]interface{}`,
      };
    }
    if (!Object.hasOwn(value, name)) return {};
    value = value[name];
  }
  return { value };
}

function replicaFaults(object: KubeObject, path: string): StatusCause[] {
  const { value, fault } = nested(object, path);
  if (fault) return [invalidValue(path, 0, fault)];
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    const rule = `${path} accessor error: ${JSON.stringify(value)} is of the type ${goType(value)}, expected int64`;
    return [invalidValue(path, 0, rule)];
  }
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')];
  return value > maxInt32 ? [invalidValue(path, value, `should be less than or equal to ${maxInt32}`)] : [];
}

/** The replicas that a Scale asks for are a number that is not negative (upstream: registry/customresource/validator.go). */
export function specScaleFaults(object: KubeObject, { subresources }: DefinitionVersion): StatusCause[] {
  const path = subresources?.scale?.specReplicasPath;
  return path === undefined ? [] : replicaFaults(object, path);
}

/** Likewise the replicas that a Scale shows; its selector is a text. */
export function statusScaleFaults(object: KubeObject, { subresources }: DefinitionVersion): StatusCause[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const causes = replicaFaults(object, scale.statusReplicasPath);
  const path = scale.labelSelectorPath;
  if (!path) return causes;
  const { value, fault } = nested(object, path);
  if (fault) return [...causes, invalidValue(path, '', fault)];
  if (value === undefined || typeof value === 'string') return causes;
  const rule = `${path} accessor error: ${JSON.stringify(value)} is of the type ${goType(value)}, expected string`;
  return [...causes, invalidValue(path, '', rule)];
}
