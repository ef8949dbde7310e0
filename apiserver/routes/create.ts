import { methodRefused } from '../http/failures.ts';
import type { Registry } from '../registry/registry.ts';
import { dropRepeatedOwners } from '../registry/repeated-owners.ts';
import { bodyOf, decodeAs, expectedOf, placeObject } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

/** POST to a collection. */
export async function create(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { kind } = registry;
  const { namespace } = request.info;
  if (request.info.name !== '' || (kind.namespaced && !namespace)) throw methodRefused();
  const options = writeOptions(request.query, 'CreateOptions');
  const object = decodeAs(await bodyOf(request), expectedOf(registry), { ...options, warnings: request.warnings });
  const placed = placeObject(object, kind, { namespace, name: '' });
  for (const warning of dropRepeatedOwners(placed, 'sent')) request.warnings.add(warning);
  const context = writeContext(request, services, options);
  return { code: 201, object: await registry.create(placed, context) };
}
