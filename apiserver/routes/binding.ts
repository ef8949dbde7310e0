import { badRequest, conflict, invalid, notFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { timestamp } from '../registry/deletion.ts';
import { checkNamespace } from '../registry/namespace-lifecycle.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape } from '../registry/shape.ts';
import { bodyOf, decodeAs } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import { resourceName, type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

const bindingKind = { kind: 'Binding', group: '', version: 'v1', shape: modelShape('V1Binding') };

interface Binding {
  metadata?: { name?: string; uid?: string; annotations?: Record<string, string> };
  target?: { kind?: string; name?: string };
}

function bind(pod: Pod, node: string, now: Date): Pod {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
  };
  // Of a null time the declared type knows nothing; it is what the wire has.
  const conditions = [...others, scheduled] as NonNullable<Pod['status']>['conditions'];
  return { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions } } as Pod;
}

/** POST of a Binding: gives a Pod its node (upstream: registry/core/pod/storage BindingREST). Once and for all. */
export async function createBinding(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const options = writeOptions(request.query, 'CreateOptions');
  const binding: Binding = decodeAs(await bodyOf(request), bindingKind, { ...options, warnings: request.warnings });
  const name = request.info.subresource ? request.info.name : (binding.metadata?.name ?? '');
  if (binding.metadata?.name && binding.metadata.name !== name) {
    throw badRequest('name in URL does not match name in Binding object');
  }
  const { kind, name: node } = binding.target ?? {};
  if (kind && kind !== 'Node') {
    const message = `Unsupported value: "${kind}": supported values: "Node", "<empty>"`;
    const cause = { reason: 'FieldValueNotSupported', field: 'target.kind', message };
    throw invalid({ group: '', kind: 'Binding' }, name, [cause]);
  }
  if (!node) {
    const cause = { reason: 'FieldValueRequired', field: 'target.name', message: 'Required value' };
    throw invalid({ group: '', kind: 'Binding' }, name, [cause]);
  }
  // A scheduler owns no fields: as upstream, who bound a Pod shows in its events.
  const context = { ...writeContext(request, services, { ...options, subresource: 'binding' }), manager: undefined };
  checkNamespace(resourceName(registry.kind), { ...request.info, name }, context);
  await registry.update(
    { namespace: request.info.namespace, name },
    (current) => {
      if (!current) throw notFound(registry.kind, name);
      const pod = current as unknown as Pod; // the registry of Pods holds Pods
      const refused = (why: string) => conflict({ group: '', plural: 'pods/binding' }, name, why);
      if (binding.metadata?.uid && binding.metadata.uid !== pod.metadata.uid) throw refused('the pod has another uid');
      if (pod.metadata.deletionTimestamp) throw refused(`pod ${name} is being deleted, cannot be assigned to a host`);
      if (pod.spec?.nodeName) throw refused(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
      if (pod.spec?.schedulingGates?.length) throw refused(`pod ${name} has non-empty .spec.schedulingGates`);
      const bound = bind(pod, node, request.now);
      Object.assign(bound.metadata, {
        annotations: { ...bound.metadata.annotations, ...binding.metadata?.annotations },
      });
      if (Object.keys(bound.metadata.annotations ?? {}).length === 0) delete bound.metadata.annotations;
      return bound as unknown as typeof current;
    },
    context,
  );
  return { code: 201, status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
