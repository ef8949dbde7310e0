import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { Deployment, EndpointSlice, Event, Node, Pod, Service } from '@skiff/api/types';
import type { DnsAnswer } from '../../dns-query.ts';
import type { ConnectionTrial } from '../../try-connection.ts';

/** A socket that listens in a Pod. */
export interface Listener {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
}

/** What a node's data plane tells of itself. */
export interface ProgrammedServices {
  readonly mode: string;
  readonly services: readonly {
    readonly name: string;
    readonly clusterIP: string;
    readonly port: number;
    readonly protocol: string;
    readonly endpoints: readonly string[];
  }[];
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** What answers there speaks TLS. */
  readonly tls?: boolean;
  /** What answers there speaks DNS, over this. */
  readonly dns?: 'TCP' | 'UDP';
}

/** What can only be found out by asking: each rejects where there is no answer, and the link is then unknown. */
export interface Questions {
  /** What listens in the Pod, asked of the Pod itself. */
  listeners(pod: Pod): Promise<readonly Listener[]>;
  /** What a node has programmed, asked of its agent. */
  programmed(node: Node): Promise<ProgrammedServices>;
  /** What a DNS Pod answers to a name. */
  resolve(dnsPod: Pod, name: string): Promise<DnsAnswer>;
  /** A real connection from a node. */
  connectFrom(node: Node, to: Address): Promise<ConnectionTrial>;
  /** A real connection from this machine. */
  connectFromHere(to: Address): Promise<ConnectionTrial>;
}

/** All that the links look at, as it was at one moment. */
export interface World {
  readonly namespace: string;
  readonly name: string;
  readonly service: Service | undefined;
  /** Of all namespaces. */
  readonly services: readonly Service[];
  /** Of the Service's namespace. */
  readonly pods: readonly Pod[];
  readonly deployments: readonly Deployment[];
  /** Those that belong to the Service. */
  readonly slices: readonly EndpointSlice[];
  readonly events: readonly Event[];
  readonly nodes: readonly Node[];
  /** The Pods of the cluster's DNS. */
  readonly dnsPods: readonly Pod[];
  /** Whether the cluster is on this machine, so that its ports should be here. */
  readonly isHere: boolean;
  readonly ask: Questions;
}

export type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

export const portsOf = ({ service }: World): readonly Port[] => service?.spec?.ports ?? [];

/** How to ask what answers at a port; undefined where nobody can know: UDP has no handshake, and what speaks it stays silent. */
export function manners(port: Port): Pick<Address, 'tls' | 'dns'> | undefined {
  const { protocol = 'TCP' } = port;
  if (speaksDns(port) && (protocol === 'TCP' || protocol === 'UDP')) return { dns: protocol };
  return protocol === 'TCP' ? { tls: speaksTls(port) } : undefined;
}

/** Whether a port looks like one that speaks TLS. */
const speaksTls = ({ name = '', appProtocol = '', port }: Port): boolean =>
  /https|tls|ssl/.test(`${name} ${appProtocol}`) || [443, 8443, 6443].includes(port);

/** Whether a port says that it speaks DNS, as those of kube-dns do. */
const speaksDns = ({ name = '', appProtocol = '' }: Port): boolean =>
  /^dns(-tcp|-udp)?$/.test(name) || appProtocol === 'dns';

/** Of a port that nobody knows how to ask. */
export const untried = (port: Port): string =>
  `port ${portText(port)} was not tried: ${port.protocol} has no handshake`;

/** `80/TCP`, `http 80/TCP`. */
export const portText = ({ name, port, protocol }: Port): string =>
  `${name ? `${name} ` : ''}${port}/${protocol ?? 'TCP'}`;

export const isHeadless = ({ service }: World): boolean => service?.spec?.clusterIP === 'None';
export const isExternalName = ({ service }: World): boolean => service?.spec?.type === 'ExternalName';
export const hasSelector = ({ service }: World): boolean => Object.keys(service?.spec?.selector ?? {}).length > 0;

/** The Pods that the Service's selector matches and that have not ended. */
export function selectedPods(world: World): Pod[] {
  if (!hasSelector(world)) return [];
  const selector = LabelSelector.fromMap(world.service?.spec?.selector ?? {});
  return world.pods.filter(
    ({ metadata, status }) =>
      selector.matches(metadata.labels ?? {}) && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  );
}

export const isPodReady = ({ metadata, status }: Pod): boolean =>
  !metadata.deletionTimestamp &&
  (status?.conditions ?? []).some(({ type, status: state }) => type === 'Ready' && state === 'True');

export const isNodeReady = ({ status }: Node): boolean =>
  (status?.conditions ?? []).some(({ type, status: state }) => type === 'Ready' && state === 'True');

/** The Pods that traffic should reach: the ready ones, or all that have an address where the Service says so. */
export function servingPods(world: World): Pod[] {
  const all = world.service?.spec?.publishNotReadyAddresses === true;
  return selectedPods(world).filter((pod) =>
    all ? Boolean(pod.status?.podIP) && !pod.metadata.deletionTimestamp : isPodReady(pod),
  );
}

/** The number that a Service's port means in a Pod; undefined where the Pod has no port of that name. */
export function targetPortIn(pod: Pod, { targetPort, port, protocol = 'TCP' }: Port): number | undefined {
  const wanted = targetPort ?? port;
  if (typeof wanted === 'number') return wanted;
  if (/^\d+$/.test(wanted)) return Number(wanted);
  const restartable = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports } of [...(pod.spec?.containers ?? []), ...restartable]) {
    const found = ports?.find((one) => one.name === wanted && (one.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

/** `kubectl -n NAMESPACE ...`: what to type; the namespace only where it is not the default one. */
export function kubectl({ namespace }: Pick<World, 'namespace'>, words: string): string {
  return `kubectl ${namespace === 'default' ? '' : `-n ${namespace} `}${words}`;
}

/** `a, b and 3 more`. */
export function few(items: readonly string[], most = 3): string {
  return items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** `1 Pod`, `2 Pods`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
