import type { ObjectKey } from '@skiff/api/meta';
import { badRequest, notFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { type DeleteOptions, validateDeleteOptions } from '../registry/delete-options.ts';
import { timestamp } from '../registry/deletion.ts';
import { checkNamespace } from '../registry/namespace-lifecycle.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape } from '../registry/shape.ts';
import type { WriteContext } from '../registry/strategy.ts';
import { bodyOf, decodeAs } from './decode.ts';
import { takeDisruption } from './disruption-budget.ts';
import type { Answer, ApiRequest } from './request.ts';
import { resourceName, type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

const evictionKind = { kind: 'Eviction', group: 'policy', version: 'v1', shape: modelShape('V1Eviction') };

/** POST of an Eviction: deletes a Pod with the options that it carries, if its disruption budget has something left. */
export async function createEviction(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { info } = request;
  const options = writeOptions(request.query, 'CreateOptions');
  const eviction: { metadata?: { name?: string }; deleteOptions?: DeleteOptions } = decodeAs(
    await bodyOf(request),
    evictionKind,
    { ...options, warnings: request.warnings },
  );
  if (eviction.metadata?.name && eviction.metadata.name !== info.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const deleteOptions = eviction.deleteOptions ?? {};
  validateDeleteOptions(deleteOptions);
  const dryRun = options.dryRun || (deleteOptions.dryRun?.length ?? 0) > 0;
  const context = writeContext(request, services, { dryRun, subresource: 'eviction' });
  checkNamespace(resourceName(registry.kind), info, context);
  const pod = registry.get(info).object as unknown as Pod; // the route is the Pods'
  await takeDisruption(pod, services, context);
  if (!dryRun) await announce(registry, info, context);
  await registry.delete(info, deleteOptions, context);
  return { code: 201, status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** Says in the Pod's status why it ends (KEP-3329). */
async function announce(registry: Registry, key: ObjectKey, context: WriteContext): Promise<void> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: timestamp(context.now),
  };
  await registry.update(
    key,
    (current) => {
      if (!current) throw notFound(registry.kind, key.name);
      const { status } = current as Partial<Pod>; // likewise
      const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      return { ...current, status: { ...status, conditions: [...others, condition] } };
    },
    { ...context, subresource: 'status' },
  );
}
