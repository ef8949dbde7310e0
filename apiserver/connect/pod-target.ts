import { badRequest } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { Services } from '../routes/services.ts';
import { containerOf } from './container-of.ts';
import { connectNode } from './node-socket.ts';
import type { ConnectTarget } from './target.ts';

/** The options that a node's agent is told, by what is asked of it. */
const forwarded: Readonly<Record<string, readonly string[]>> = {
  exec: ['command', 'stdin', 'stdout', 'stderr', 'tty'],
  attach: ['stdin', 'stdout', 'stderr', 'tty'],
  portforward: ['ports'],
};

/** exec, attach and port-forward: the agent of the Pod's node speaks with the client itself. Throws 400. */
export function podTarget(
  pod: Pod,
  { subresource, query }: { subresource: string; query: URLSearchParams },
  services: Pick<Services, 'nodeSocket'>,
): ConnectTarget {
  const { name, namespace } = pod.metadata;
  const container = subresource === 'portforward' ? '' : `/${containerOf(pod, query.get('container'))}`;
  const node = pod.spec?.nodeName;
  if (!node) throw badRequest(`pod ${name} does not have a host assigned`);
  const endpoint = subresource === 'portforward' ? 'portForward' : subresource;
  const options = new URLSearchParams([...query].filter(([option]) => forwarded[subresource]?.includes(option)));
  return {
    open: () => connectNode(services.nodeSocket(node), { node }),
    path: `/${endpoint}/${namespace}/${name}${container}?${options}`,
    upgradeOnly: true,
  };
}
