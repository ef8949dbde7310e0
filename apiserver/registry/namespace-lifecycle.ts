import type { KubeObject } from '@skiff/api/meta';
import { forbidden, notFound, type ResourceName, StatusError } from '@skiff/api/status';
import { askedName } from './asked-name.ts';
import type { WriteContext } from './strategy.ts';

/**
 * New objects, and what is created of an object's subresources (bindings, evictions, tokens), need a namespace that is there
 * and not ending (upstream: the NamespaceLifecycle admission plugin). Throws 404 and 403.
 */
export function checkNamespace(
  resource: ResourceName,
  metadata: Partial<KubeObject['metadata']>,
  { read }: Pick<WriteContext, 'read'>,
): void {
  const { namespace } = metadata;
  if (!namespace) return;
  const found = read('Namespace', undefined, namespace);
  if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (!found.metadata.deletionTimestamp) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refused = forbidden(resource, askedName(metadata), why);
  const message = `namespace ${namespace} is being terminated`;
  const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }];
  throw new StatusError({ ...refused, message: refused.message, details: { ...refused.details, causes } });
}
