import { ipFamily } from '@skiff/api/ip';
import { formatKey, type KubeObject } from '@skiff/api/meta';
import { isAlreadyExists, isNotFound } from '@skiff/api/status';
import type { IPAddress, Service } from '@skiff/api/types';
import type { Change, WriteContext } from '../strategy.ts';

/** Tells the records of the server from those that people make. */
const managedBy = 'ipaddress.kubernetes.io/managed-by';
const manager = 'ipallocator.k8s.io';

const isAddress = (text: string): boolean => ipFamily(text) !== undefined;
const addressesOf = (service: Service | undefined): readonly string[] =>
  (service?.spec?.clusterIPs ?? []).filter(isAddress);

/** The IPAddress that says which Service holds a cluster IP (KEP-1880). */
function recordOf(address: string, { metadata }: Service): KubeObject {
  const { name, namespace } = metadata;
  const labels = { 'ipaddress.kubernetes.io/ip-family': ipFamily(address), [managedBy]: manager };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: address, labels },
    spec: { parentRef: { resource: 'services', namespace, name } },
  } as KubeObject; // its labels are texts: it is an address
}

const own = (context: WriteContext): WriteContext => ({ ...context, subresource: '', manager: 'kube-apiserver' });

async function make(address: string, service: Service, context: WriteContext): Promise<void> {
  try {
    await context.other('IPAddress').create(recordOf(address, service), own(context));
  } catch (error) {
    // Somebody else's record of the address does not keep the Service from it.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function remove(address: string, context: WriteContext): Promise<void> {
  try {
    await context.other('IPAddress').delete({ name: address }, {}, own(context));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Keeps an IPAddress for each cluster IP that a Service holds. */
export async function recordAddresses({ object, old }: Change<Service>, context: WriteContext): Promise<void> {
  const [now, before] = [addressesOf(object), addressesOf(old)];
  for (const address of before) if (!now.includes(address)) await remove(address, context);
  if (!object) return;
  for (const address of now) if (!before.includes(address)) await make(address, object, context);
}

/** Makes the records that are missing and drops those of Services that are gone, as after a crash between two writes. */
export async function repairAddressRecords(context: WriteContext): Promise<void> {
  // What was listed are Services and IPAddresses.
  const services = context.list('Service') as readonly unknown[] as readonly Service[];
  const records = context.list('IPAddress') as readonly unknown[] as readonly IPAddress[];
  const holders = new Map(services.flatMap((service) => addressesOf(service).map((address) => [address, service])));
  const recorded = new Map(records.map((record) => [record.metadata.name, record]));
  for (const [address, { metadata, spec }] of recorded) {
    if (metadata.labels?.[managedBy] !== manager) continue;
    const holder = holders.get(address);
    const { namespace, name = '' } = spec?.parentRef ?? {};
    if (holder && formatKey(holder.metadata) === formatKey({ namespace, name })) continue;
    await remove(address, context);
    recorded.delete(address);
  }
  for (const [address, service] of holders) if (!recorded.has(address)) await make(address, service, context);
}
