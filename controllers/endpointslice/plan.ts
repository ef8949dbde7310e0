import type { EndpointSlice, Node, Pod, Service } from '@skiff/api/types';
import { controllerReference, isControlledBy } from '../ownership.ts';
import { addressTypesOf, type Endpoint, endpointOf, hasEndpoint } from './endpoint.ts';
import { type EndpointPort, endpointPorts, portsKey } from './ports.ts';
import { type EndpointGroup, inheritedLabels, planSliceWrites, type SliceWrites } from './slice-writes.ts';

export const managedBy = 'endpointslice-controller.k8s.io';

/** The part of the world that decides about the slices of one Service. */
export interface ServiceWorld {
  readonly service: Service;
  /** The Pods that its selector selects. */
  readonly pods: readonly Pod[];
  readonly node: (name: string) => Node | undefined;
  /** The slices labelled with its name and this controller's. */
  readonly slices: readonly EndpointSlice[];
  readonly triggerTime?: string | undefined;
}

/** What to write for a Service, and which Pods had to be left out because their node is not known (yet). */
export function planSlices(world: ServiceWorld): { writes: SliceWrites; withoutNode: Pod[] } {
  const { service, slices } = world;
  const withoutNode = new Set<Pod>();
  const groups: EndpointGroup[] = [];
  const addressTypes = addressTypesOf(service);
  for (const addressType of addressTypes) {
    const byPorts = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
    for (const pod of world.pods) {
      if (!hasEndpoint(pod)) continue;
      const node = pod.spec?.nodeName ? world.node(pod.spec.nodeName) : undefined;
      if (!node && !service.spec?.publishNotReadyAddresses) {
        withoutNode.add(pod);
        continue;
      }
      const endpoint = endpointOf(pod, service, { node, addressType });
      if (endpoint.addresses.length === 0) continue;
      const ports = endpointPorts(service, pod);
      const key = portsKey(ports);
      const group = byPorts.get(key) ?? { ports, endpoints: [] };
      group.endpoints.push(endpoint);
      byPorts.set(key, group);
    }
    for (const group of byPorts.values()) groups.push({ addressType, ...group });
  }

  // Slices of a former Service of this name wait for garbage collection; they are not ours to rewrite.
  const [own, foreign] = [slices.filter(ownedBy(service)), slices.filter((slice) => !ownedBy(service)(slice))];
  const writes = planSliceWrites(own, groups, {
    metadata: sliceMetadata(service),
    placeholders: addressTypes,
    triggerTime: world.triggerTime,
  });
  return { writes: { ...writes, delete: [...writes.delete, ...foreign] }, withoutNode: [...withoutNode] };
}

const ownedBy =
  (service: Service) =>
  (slice: EndpointSlice): boolean =>
    isControlledBy(slice, service);

function sliceMetadata(service: Service) {
  const { name, namespace, labels } = service.metadata;
  const headless = !service.spec?.clusterIP || service.spec.clusterIP === 'None';
  return {
    generateName: `${name}-`,
    ...(namespace && { namespace }),
    labels: {
      ...inheritedLabels(labels),
      'kubernetes.io/service-name': name,
      'endpointslice.kubernetes.io/managed-by': managedBy,
      ...(headless && { 'service.kubernetes.io/headless': '' }),
    },
    ownerReferences: [controllerReference(service)],
  };
}
