import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@skiff/api/meta';
import { isAlreadyExists } from '@skiff/api/status';
import type { ServiceCIDR } from '@skiff/api/types';
import { timestamp } from '../registry/deletion.ts';
import { systemPriorityClasses } from '../registry/priority-class.ts';
import { repairAddressRecords } from '../registry/service/address-records.ts';
import type { WriteContext } from '../registry/strategy.ts';
import type { Services } from '../routes/services.ts';

/** Makes an object unless it is there; with `sync`, brings the one that is there into line. */
async function ensure(
  object: KubeObject,
  services: Services,
  context: WriteContext,
  sync?: (current: KubeObject) => KubeObject,
): Promise<void> {
  const registry = services.resources.named(object.kind);
  const { name, namespace } = object.metadata;
  if (!registry.cache.get(namespace, name)) {
    try {
      await registry.create(structuredClone(object), context);
      return;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  if (sync) await registry.update({ namespace, name }, (current) => (current ? sync(current) : object), context);
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export interface SystemObjectOptions {
  /** The range of cluster IPs, and its first address. */
  readonly serviceCIDR: string;
  readonly serviceAddress: string;
  readonly advertise: { readonly address: string; readonly port: number };
}

/** Shows the range of cluster IPs as an object (upstream: pkg/controlplane/controller/defaultservicecidr). */
async function ensureServiceRange(cidr: string, services: Services, context: WriteContext): Promise<void> {
  const name = 'kubernetes';
  const finalizers = ['networking.k8s.io/service-cidr-finalizer'];
  const head = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR' };
  await ensure({ ...head, metadata: { name, finalizers }, spec: { cidrs: [cidr] } }, services, context);
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes default Service CIDR is ready',
    lastTransitionTime: timestamp(context.now),
  };
  await services.resources.named('ServiceCIDR').update(
    { name },
    (current) => {
      const status = current?.['status'] as ServiceCIDR['status']; // of the store
      if (!current || status?.conditions?.length) return current ?? { ...head, metadata: { name } };
      return { ...current, status: { conditions: [ready] } };
    },
    { ...context, subresource: 'status' },
  );
}

/**
 * Makes what every cluster has: the system namespaces and priority classes, and the Service `kubernetes` with its Endpoints and EndpointSlice,
 * which point to the API server itself (upstream: pkg/controlplane, its systemnamespaces and kubernetesservice controllers).
 */
export async function ensureSystemObjects(
  services: Services,
  context: WriteContext,
  { serviceCIDR, serviceAddress, advertise }: SystemObjectOptions,
): Promise<void> {
  await Promise.all([
    ...namespaces.map((name) => ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, services, context)),
    // Typed objects are KubeObjects without an index signature.
    ...systemPriorityClasses.map((one) => ensure(one as unknown as KubeObject, services, context)),
  ]);
  await ensureServiceRange(serviceCIDR, services, context);
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const provider = { component: 'apiserver', provider: 'kubernetes' };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: provider },
    spec: {
      type: 'ClusterIP',
      clusterIP: serviceAddress,
      clusterIPs: [serviceAddress],
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: advertise.port }],
    },
  };
  const mirrored = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: mirrored },
    subsets: [
      { addresses: [{ ip: advertise.address }], ports: [{ name: 'https', port: advertise.port, protocol: 'TCP' }] },
    ],
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [advertise.address], conditions: { ready: true } }],
    ports: [{ name: 'https', port: advertise.port, protocol: 'TCP' }],
  };
  const keep =
    (fields: Record<string, unknown>) =>
    (current: KubeObject): KubeObject => {
      const same = Object.entries(fields).every(([name, value]) => isDeepStrictEqual(current[name], value));
      return same ? current : { ...current, ...fields };
    };
  await ensure(service, services, context, (current) => {
    const ports = (current['spec'] as { ports?: { targetPort?: unknown }[] }).ports; // a Service of the store
    if (ports?.[0]?.targetPort === advertise.port) return current;
    return { ...current, spec: { ...(current['spec'] as object), ports: service.spec.ports } };
  });
  await ensure(endpoints, services, context, keep({ subsets: endpoints.subsets }));
  await ensure(slice, services, context, keep({ endpoints: slice.endpoints, ports: slice.ports }));
  await repairAddressRecords(context);
}
