import { invalid } from '@skiff/api/status';
import { askedVersion } from '../registry/asked-version.ts';
import type { Registry } from '../registry/registry.ts';
import { dropRepeatedOwners } from '../registry/repeated-owners.ts';
import { checkCreation } from './check-creation.ts';
import { bodyOf, decodeAs, expectedOf, placeObject } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { RouteServices } from './route.ts';
import { writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

/** PUT of an object, or of its status. `finalize` of a Namespace is the only way to its `spec.finalizers`; an ending one without any goes. */
export async function update(request: ApiRequest, registry: Registry, services: RouteServices): Promise<Answer> {
  const { info } = request;
  const { kind, strategy } = registry;
  const options = writeOptions(request.query, 'UpdateOptions');
  const object = decodeAs(await bodyOf(request), expectedOf(registry), { ...options, warnings: request.warnings });
  const wanted = placeObject(object, kind, info);
  for (const warning of dropRepeatedOwners(wanted, 'sent')) request.warnings.add(warning);
  const context = writeContext(request, services, { ...options, subresource: info.subresource });
  const written = await registry.update(
    info,
    (current) => {
      if (!current && strategy.updateCreates) checkCreation(request, kind, services);
      if (current && strategy.updateNeedsVersion && askedVersion(wanted) === undefined) {
        const message = 'Invalid value: 0: must be specified for an update';
        const cause = { reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message };
        // Upstream names the resource here, where it names the kind elsewhere.
        throw invalid({ group: kind.group, kind: kind.plural }, info.name, [cause]);
      }
      return structuredClone(wanted);
    },
    context,
  );
  return { code: written.created ? 201 : 200, object: written.object };
}
