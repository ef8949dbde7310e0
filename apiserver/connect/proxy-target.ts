import { badRequest, StatusError } from '@skiff/api/status';
import type { Endpoints, Pod, Service } from '@skiff/api/types';
import type { ResourceRequestInfo } from '../request-info.ts';
import type { Services } from '../routes/services.ts';
import { connectNode, connectThroughNode } from './node-socket.ts';
import type { ConnectTarget } from './target.ts';

/** Somebody in the cluster's network, and the node to go through. */
interface Place {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

const unavailable = (message: string): StatusError =>
  new StatusError({ code: 503, reason: 'ServiceUnavailable', message });

/** The proxies to Pods, Services and nodes, whose names may be `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. Throws 400, 404 and 503. */
export function proxyTarget(info: ResourceRequestInfo, search: string, services: Services): ConnectTarget {
  const [, prefix = '', rest = ''] = /^(.*?\/(?:pods|services|nodes)\/[^/]+\/proxy)(\/.*)?$/.exec(info.path) ?? [];
  const path = `${rest || '/'}${search}`;
  const { scheme, name, port } = splitName(info);
  if (info.resource === 'nodes') {
    services.resources.named('Node').get({ namespace: '', name });
    const open: ConnectTarget['open'] = () => connectNode(services.nodeSocket(name), { node: name });
    return { open, path, upgradeOnly: false, proxied: { host: name, prefix } };
  }
  const { namespace } = info;
  const find = info.resource === 'pods' ? podPlace : servicePlace;
  const { node, host, port: number } = find({ namespace, name, port }, services);
  return {
    open: (signal) =>
      connectThroughNode(services.nodeSocket(node), { host, port: number, tls: scheme === 'https' }, signal),
    path,
    upgradeOnly: false,
    proxied: { host: `${host}:${number}`, prefix },
  };
}

function splitName({ name: whole, resource }: ResourceRequestInfo): { scheme: string; name: string; port: string } {
  const parts = whole.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme))
    throw badRequest(`invalid ${resource.slice(0, -1)} request "${whole}"`);
  return { scheme, name, port };
}

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly port: string;
}

function podPlace({ namespace, name, port }: Wanted, services: Services): Place {
  const pod = services.resources.named('Pod').get({ namespace, name }).object as unknown as Pod; // the registry of Pods holds Pods
  const { nodeName: node, containers = [] } = pod.spec ?? {};
  const host = pod.status?.podIP;
  if (!node || !host) throw badRequest('address not allowed');
  const first = containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  return { node, host, port: port === '' ? (first ?? 80) : portOf(port) };
}

function servicePlace({ namespace, name, port }: Wanted, services: Services): Place {
  const service = services.resources.named('Service').get({ namespace, name }).object as unknown as Service; // likewise
  const numbered = service.spec?.ports?.find((one) => String(one.port) === port);
  if (/^\d+$/.test(port) && !numbered) throw unavailable(`no service port ${port} found for service "${name}"`);
  const portName = numbered ? (numbered.name ?? '') : port;
  const endpoints = services.resources.named('Endpoints').cache.get(namespace, name)?.object as Endpoints | undefined; // likewise
  const choices = (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports
      .filter((one) => (one.name ?? '') === portName)
      .flatMap((one) => addresses.map(({ ip, nodeName }) => ({ host: ip, port: one.port, nodeName }))),
  );
  const chosen = choices[Math.floor(Math.random() * choices.length)];
  if (!chosen) throw unavailable(`no endpoints available for service "${name}"`);
  return { ...chosen, node: chosen.nodeName ?? anyNode(services) };
}

/** Every node reaches the whole network of the cluster. */
function anyNode(services: Services): string {
  const { items } = services.resources.named('Node').cache.list('');
  const node = items[0]?.object.metadata.name;
  if (node === undefined) throw unavailable('there is no node to reach it through');
  return node;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port "${text}"`);
  return port;
}
