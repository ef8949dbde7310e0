import { badRequest } from '@skiff/api/status';
import { createWebSocketStream } from 'ws';
import type { NodePod } from '../pods/types.ts';
import { acceptSpdy, acceptWebSocket, isWebSocket } from '../streaming/accept-upgrade.ts';
import { type DialPort, parsePort } from '../streaming/port-forward.ts';
import { portForwardProtocol, serveSpdyPortForward } from '../streaming/spdy-port-forward.ts';
import { serveWebSocketPortForward, webSocketPortForwardProtocol } from '../streaming/web-socket-port-forward.ts';
import type { UpgradeEndpoint } from './agent-server.ts';
import type { NodePods } from './node-pods.ts';

/** SPDY's bytes in the messages of a WebSocket, as kubectl has it since 1.31 (KEP-4006). */
const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`;

/** `/portForward/NAMESPACE/POD`: connections to ports of a Pod. */
export function portForwardEndpoint(options: {
  readonly pods: NodePods;
  readonly dialer: (pod: NodePod) => DialPort;
}): UpgradeEndpoint {
  return async ({ segments, query }, upgrade) => {
    const [namespace = '', name = ''] = segments;
    const pod = options.pods.pod(namespace, name);
    const dial = options.dialer(pod);
    if (!isWebSocket(upgrade)) {
      acceptSpdy(upgrade, [portForwardProtocol]);
      return serveSpdyPortForward(upgrade.socket, { dial, pod: name, head: upgrade.head });
    }
    const ports = query.getAll('ports').flatMap((text) => text.split(',').map(parsePort));
    const plain = ports.length > 0 ? [webSocketPortForwardProtocol] : [];
    const { webSocket, protocol } = await acceptWebSocket(upgrade, [tunnelProtocol, ...plain]);
    if (protocol === tunnelProtocol) return serveSpdyPortForward(createWebSocketStream(webSocket), { dial, pod: name });
    const known = ports.filter((port) => port !== undefined);
    if (known.length < ports.length) throw badRequest(`invalid ports ${JSON.stringify(query.getAll('ports'))}`);
    serveWebSocketPortForward(webSocket, { dial, pod: name, ports: known });
    return undefined;
  };
}
