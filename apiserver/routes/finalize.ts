import { notFound } from '@skiff/api/status';
import type { Registry } from '../registry/registry.ts';
import { bodyOf, decodeAs, expectedOf, placeObject } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

/** PUT of a Namespace's `finalize`: the only way to change `spec.finalizers`. An ending Namespace without any goes. */
export async function finalize(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { info } = request;
  const options = writeOptions(request.query, 'UpdateOptions');
  const body = decodeAs(await bodyOf(request), expectedOf(registry), { ...options, warnings: request.warnings });
  const wanted = placeObject(body, registry.kind, { namespace: '', name: info.name });
  const finalizers = (wanted['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []; // checked by the schema
  const { object } = await registry.update(
    { name: info.name },
    (current) => {
      if (!current) throw notFound(registry.kind, info.name);
      const { resourceVersion } = wanted.metadata;
      const spec = finalizers.length ? { finalizers } : {};
      return { ...current, metadata: { ...current.metadata, ...(resourceVersion && { resourceVersion }) }, spec };
    },
    writeContext(request, services, { ...options, subresource: 'finalize' }),
  );
  return { code: 200, object };
}
