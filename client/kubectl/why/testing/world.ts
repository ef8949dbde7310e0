import type { EndpointSlice, Node, Pod, Service } from '@skiff/api/types';
import type { ConnectionTrial } from '../../../try-connection.ts';
import type { Questions, World } from '../world.ts';

/** For tests: a Service of two Pods on two nodes, of which everything is as it should be. */
export const answered: ConnectionTrial = {
  connected: true,
  ms: 0.3,
  answer: 'HTTP/1.1 200 OK\r\n\r\nHello from web-1\n',
};

export function podNamed(
  name: string,
  more: { ip?: string; node?: string; ready?: boolean; labels?: Record<string, string> } = {},
): Pod {
  const { ip = '10.244.1.1', node = 'node1', ready = true, labels = { app: 'web' } } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function nodeNamed(name: string, address: string): Node {
  const status = { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address }] };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status };
}

export function serviceOf(spec: Partial<NonNullable<Service['spec']>> = {}, status: Service['status'] = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.5',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
    status,
  };
}

export function sliceOf(addresses: readonly string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default' },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address, at) => ({
      addresses: [address],
      conditions: { ready: true },
      nodeName: `node${at + 1}`,
    })),
  };
}

export const healthyAnswers: Questions = {
  listeners: async () => [{ protocol: 'TCP', address: '0.0.0.0', port: 8080 }],
  programmed: async () => ({
    mode: 'nftables',
    services: [
      {
        name: 'default/web',
        clusterIP: '10.96.0.5',
        port: 80,
        protocol: 'TCP',
        endpoints: ['10.244.1.1:8080', '10.244.2.1:8080'],
      },
    ],
  }),
  resolve: async () => ({ code: 'NOERROR', answers: ['10.96.0.5'] }),
  connectFrom: async () => answered,
  connectFromHere: async () => answered,
};

export function healthyWorld(more: Partial<Omit<World, 'ask'>> & { ask?: Partial<Questions> } = {}): World {
  const service = serviceOf();
  return {
    namespace: 'default',
    name: 'web',
    service,
    services: [service],
    pods: [podNamed('web-1'), podNamed('web-2', { ip: '10.244.2.1', node: 'node2' })],
    deployments: [],
    slices: [sliceOf(['10.244.1.1', '10.244.2.1'])],
    events: [],
    nodes: [nodeNamed('node1', '172.18.0.2'), nodeNamed('node2', '172.18.0.3')],
    dnsPods: [podNamed('coredns-1', { ip: '10.244.1.2' })],
    isHere: true,
    ...more,
    ask: { ...healthyAnswers, ...more.ask },
  };
}
