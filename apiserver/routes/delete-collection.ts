import { isNotFound } from '@skiff/api/status';
import { methodRefused } from '../http/failures.ts';
import type { Registry } from '../registry/registry.ts';
import { deleteOptions } from './delete.ts';
import { select } from './list.ts';
import { listOptions } from './list-options.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';

/** DELETE of a collection: answers with the list of what was there. */
export async function deleteCollection(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { kind } = registry;
  const { namespace } = request.info;
  if (kind.namespaced && !namespace) throw methodRefused();
  const selection = listOptions(request.query, registry);
  const options = await deleteOptions(request);
  const context = writeContext(request, services, { dryRun: (options.dryRun?.length ?? 0) > 0 });
  const { items } = select(registry, namespace, selection);
  const removals = items.map(async ({ object }) => {
    try {
      return (await registry.delete(object.metadata, options, context)).object;
    } catch (error) {
      if (isNotFound(error)) return undefined; // somebody else was first
      throw error;
    }
  });
  const removed = (await Promise.all(removals)).filter((object) => object !== undefined);
  return {
    code: 200,
    items: removed.map((object) => ({ object, json: JSON.stringify(object) })),
    metadata: { resourceVersion: String(registry.cache.revision) },
  };
}
