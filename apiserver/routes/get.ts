import type { Registry } from '../registry/registry.ts';
import { checkVersion } from './list-options.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { Services } from './services.ts';

/** GET of an object, or of its status. */
export async function get(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  checkVersion(request.query.get('resourceVersion') ?? '', services.caches.revision);
  const { object, json } = registry.get(request.info);
  return { code: 200, object, json };
}
