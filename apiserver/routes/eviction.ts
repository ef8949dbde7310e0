import { badRequest } from '@skiff/api/status';
import { type DeleteOptions, validateDeleteOptions } from '../registry/delete-options.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape } from '../registry/shape.ts';
import { bodyOf, decodeAs } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

const evictionKind = { kind: 'Eviction', group: 'policy', version: 'v1', shape: modelShape('V1Eviction') };

/** POST of an Eviction: deletes a Pod with the options that it carries. */
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
  await registry.delete(info, deleteOptions, writeContext(request, services, { dryRun, subresource: 'eviction' }));
  return { code: 201, status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
