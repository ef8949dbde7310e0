import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { badRequest, conflict, internalError, invalid, notFound } from '@skiff/api/status';
import { JsonPath, membersOf } from '../custom-resources/json-path.ts';
import { mediaType } from '../http/body.ts';
import { FieldManager, fieldSet } from '../managed-fields/field-manager.ts';
import type { ManagedFieldsEntry } from '../managed-fields/managers.ts';
import { modelType } from '../managed-fields/model-type.ts';
import { ScaleOwners } from '../managed-fields/scale-owners.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape, type ScalePaths } from '../registry/shape.ts';
import { formatSelector } from '../table/format.ts';
import { scale } from '../table/scale.ts';
import { applyType, checkRepeated, configOf } from './apply.ts';
import { bodyOf, decodeAs, placeObject } from './decode.ts';
import { decodePatched, patchOf } from './patch.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';
import { patchOptions, writeOptions } from './write-options.ts';

const scaleKind = { kind: 'Scale', group: 'autoscaling', version: 'v1', shape: modelShape('V1Scale') };

/** What scaled kinds have in common: Deployments, ReplicaSets, StatefulSets. */
interface Scaled {
  spec?: { replicas?: number; selector?: Parameters<typeof formatSelector>[0] };
  status?: { replicas?: number };
}

interface Replicas {
  readonly wanted: number | undefined;
  readonly current: number;
  readonly selector: string;
}

function replicasOf(object: KubeObject, paths: ScalePaths | undefined): Replicas {
  if (!paths) {
    const { spec, status } = object as Scaled; // only kinds with a scale subresource come here
    const selector = formatSelector(spec?.selector);
    return {
      wanted: spec?.replicas ?? 0,
      current: status?.replicas ?? 0,
      selector: selector === '<none>' ? '' : selector,
    };
  }
  const at = (path: string | undefined): unknown => (path ? JsonPath.parse(path)?.find(object)[0] : undefined);
  const wanted = at(paths.specReplicasPath);
  const current = at(paths.statusReplicasPath);
  const selector = at(paths.labelSelectorPath);
  return {
    wanted: typeof wanted === 'number' ? wanted : undefined,
    current: typeof current === 'number' ? current : 0,
    selector: typeof selector === 'string' ? selector : '',
  };
}

/** Stands for replicas that a custom resource does not have yet, in the scale that a write changes. */
const noReplicas = -(2 ** 31);

/** The `Scale` of an object, as autoscaling/v1 shows it. Throws 500 where a custom resource has no replicas, and none stands for that. */
function scaleOf(object: KubeObject, { form }: Registry, options: { absent?: number } = {}): KubeObject {
  const paths = form.custom?.scale;
  const { current, selector, ...found } = replicasOf(object, paths);
  const wanted = found.wanted ?? options.absent;
  if (wanted === undefined) throw internalError(`the spec replicas field "${paths?.specReplicasPath}" does not exist`);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    // Zero is not written, as upstream.
    spec: wanted ? { replicas: wanted } : {},
    status: { replicas: current, ...(selector && { selector }) },
  };
}

/** The names that lead to the replicas. */
const pathOf = (paths: ScalePaths | undefined): string[] =>
  membersOf(paths?.specReplicasPath ?? '.spec.replicas') ?? [];

/** The object with other replicas. `object` is the caller's own. */
function withReplicas(object: KubeObject, replicas: number, paths: ScalePaths | undefined): KubeObject {
  const names = pathOf(paths);
  let at: Record<string, unknown> = object;
  for (const name of names.slice(0, -1)) {
    const inner = at[name];
    const next = typeof inner === 'object' && inner !== null ? inner : {};
    at[name] = next;
    at = next as Record<string, unknown>; // any object has named members
  }
  at[names.at(-1) ?? 'replicas'] = replicas;
  return object;
}

/** The object with the replicas that a Scale asks for. Throws 422 on a negative number, 409 on another version and 400 where there is no number. */
function withScale(object: KubeObject, scale: KubeObject, registry: Registry): KubeObject {
  const replicas = (scale['spec'] as { replicas?: number } | undefined)?.replicas ?? 0; // the schema has checked it
  const { custom } = registry.form;
  if (custom && replicas === noReplicas) {
    throw badRequest(`the spec replicas field "${custom.scale?.specReplicasPath}" cannot be empty`);
  }
  // Of custom resources, their own rules say what is wrong.
  if (replicas < 0 && !custom) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    const cause = { reason: 'FieldValueInvalid', field: 'spec.replicas', message };
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, object.metadata.name, [cause]);
  }
  const { resourceVersion, uid } = scale.metadata;
  const stale = resourceVersion && resourceVersion !== object.metadata.resourceVersion;
  if (stale || (uid && uid !== object.metadata.uid)) {
    const why = 'the object has been modified; please apply your changes to the latest version and try again';
    throw conflict(registry.kind, object.metadata.name, why);
  }
  return withReplicas(structuredClone(object), replicas, custom?.scale);
}

/** GET of a scale. */
export async function getScale(request: ApiRequest, registry: Registry): Promise<Answer> {
  return { code: 200, object: scaleOf(registry.get(request.info).object, registry), printer: scale };
}

/** What a request makes of a scale, and of the managed fields of the scaled object, where it says. */
type Change = (scale: KubeObject, object: KubeObject) => { scale: KubeObject; managedFields?: ManagedFieldsEntry[] };

/** PUT and PATCH of a scale: change the object's replicas, and answer with the new scale. */
export async function writeScale(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { info } = request;
  const applying = info.verb === 'patch' && mediaType(request.http) === applyType;
  const options =
    info.verb === 'patch'
      ? patchOptions(request.query, { apply: applying })
      : { ...writeOptions(request.query, 'UpdateOptions'), force: false };
  const change = applying ? await applied() : info.verb === 'patch' ? await patched() : await replaced();
  const context = writeContext(request, services, { ...options, subresource: 'scale' });
  const written = await registry.update(
    info,
    (current) => {
      if (!current) throw notFound(registry.kind, info.name);
      const { scale, managedFields } = change(scaleOf(current, registry, { absent: noReplicas }), current);
      const object = withScale(current, scale, registry);
      return applying ? { ...object, metadata: withManagedFields(object.metadata, managedFields) } : object;
    },
    { ...context, manager: applying ? undefined : context.manager },
  );
  return { code: 200, object: scaleOf(written.object, registry), printer: scale };

  async function patched(): Promise<Change> {
    const patch = await patchOf(request, scaleKind.shape);
    const decoding = { ...options, warnings: request.warnings };
    return (object) => ({
      scale: placeObject(decodePatched({ patch, object }, scaleKind, decoding), registry.kind, info),
    });
  }

  async function replaced(): Promise<Change> {
    const decoding = { ...options, warnings: request.warnings };
    const scale = placeObject(decodeAs(await bodyOf(request), scaleKind, decoding), registry.kind, info);
    return () => ({ scale });
  }

  async function applied(): Promise<Change> {
    const config = await configOf(request);
    const { force, fieldManager: manager = '' } = options;
    return (scale, { metadata, apiVersion }) => {
      const entries = metadata.managedFields ?? [];
      const owners = new ScaleOwners({ entries, apiVersion, replicas: pathOf(registry.form.custom?.scale) });
      const live = { ...scale, metadata: withManagedFields(scale.metadata, owners.ofScale()) };
      const made = scaleFields.apply(live, config.value, { manager, subresource: 'scale', now: request.now, force });
      checkRepeated(config, { ...options, warnings: request.warnings });
      const placed = placeObject(scaleKind.shape.read(made).object, registry.kind, info);
      const managedFields = owners.ofObject(made.metadata.managedFields ?? []);
      return { scale: placed, ...(managedFields && { managedFields }) };
    };
  }
}

const scaleFields = new FieldManager({
  kind: scaleKind,
  typeIn: (apiVersion) => (apiVersion === apiVersionOf(scaleKind) ? modelType('V1Scale') : undefined),
  ignored: () => fieldSet('status'),
  empty: () => ({}),
});

function withManagedFields(
  { managedFields: _old, ...metadata }: KubeObject['metadata'],
  managedFields: ManagedFieldsEntry[] | undefined,
): KubeObject['metadata'] {
  return { ...metadata, ...(managedFields && { managedFields }) };
}
