import type { Client } from '@skiff/client/client';
import { type Logger, pino } from 'pino';
import { NodeAgent } from './agent.ts';
import type { AgentConfig } from './config.ts';
import { HostPorts } from './host-ports/host-ports.ts';
import type { HostPortChannel } from './host-ports/messages.ts';
import { wantedPorts } from './host-ports/wanted-ports.ts';
import { ImageStore } from './images/image-store.ts';
import { NamespacedPodNetwork } from './network/namespaced-pod-network.ts';
import type { NodeRegistration } from './node/registration.ts';
import { chooseProxier } from './proxy/choose-proxier.ts';
import type { ProgrammedState } from './proxy/service-proxy.ts';
import type { ContainerRuntime } from './runtime/runtime.ts';

/** What a node agent needs that is there already when it is built. */
export interface AgentParts {
  readonly config: AgentConfig;
  readonly client: Client;
  readonly registration: NodeRegistration;
  readonly runtime: ContainerRuntime;
}

/** Puts a node agent together from the parts of a real node, in the network namespace of this process. */
export async function buildAgent(parts: AgentParts): Promise<{ agent: NodeAgent; logger: Logger }> {
  const { config, ...rest } = parts;
  const { nodeIP, podCIDR, clusterCIDR, stateDir, proxy } = config;
  const logger = pino({ name: config.nodeName, level: process.env['SKIFF_LOG_LEVEL'] ?? 'info' });
  const proxier = await chooseProxier({ mode: proxy, nodeIP, podCIDR, clusterCIDR });
  const hostPorts = new HostPorts({
    channel: parentChannel,
    onRefused: (port) => logger.warn(port, 'the host could not open a port'),
  });
  const agent = new NodeAgent({
    ...rest,
    config,
    proxier,
    logger,
    podNetwork: new NamespacedPodNetwork({ podCIDR, stateDir, nodeGateway: gatewayOf(podCIDR) }),
    images: new ImageStore({ fallback: config.imageFallback }),
    onProgrammed: ({ services, table }: ProgrammedState) => hostPorts.update(wantedPorts({ services, table, nodeIP })),
  });
  return { agent, logger };
}

/** 10.244.1.1 of 10.244.1.0/24. */
function gatewayOf(podCIDR: string): string {
  return podCIDR.replace(/\d+\/\d+$/, '1');
}

/** The supervisor is at the other end. */
const parentChannel: HostPortChannel = {
  send: (message) => void process.send?.(message),
  onMessage: (callback) => void process.on('message', callback),
};
