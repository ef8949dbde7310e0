import type { Client } from '@skiff/client/client';
import { EventRecorder } from '@skiff/client/events';
import { type Logger, pino } from 'pino';
import { NodeAgent } from './agent.ts';
import { systemClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import { HostPorts } from './host-ports/host-ports.ts';
import { type HostPort, type HostPortChannel, keyOf } from './host-ports/messages.ts';
import { type ServiceHostPort, wantedPorts } from './host-ports/wanted-ports.ts';
import { ImageStore } from './images/image-store.ts';
import { ImageFolder } from './images/loaded-images.ts';
import { ContainerListeners } from './network/container-listeners.ts';
import { LoopbackPodNetwork } from './network/loopback-pod-network.ts';
import { NamespacedPodNetwork } from './network/namespaced-pod-network.ts';
import type { PodNetwork } from './network/pod-network.ts';
import { PortDirectory } from './network/port-directory.ts';
import type { NodeRegistration } from './node/registration.ts';
import { AddressCheck } from './probes/address-check.ts';
import { type ContainerProbes, PodProbes, type PodProbesOptions } from './probes/pod-probes.ts';
import { chooseProxier } from './proxy/choose-proxier.ts';
import { ownClients } from './proxy/own-clients.ts';
import { ServiceChoice } from './proxy/service-choice.ts';
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
  const { nodeName, nodeIP, podCIDR, clusterCIDR, hostAddress, proxy } = config;
  const logger = pino({ name: nodeName, level: process.env['SKIFF_LOG_LEVEL'] ?? 'info' });
  const onHost = config.network === 'host' ? new ServiceChoice({ isOwn: ownClients(config) }) : undefined;
  const proxier = await chooseProxier({ mode: proxy, nodeIP, podCIDR, clusterCIDR, hostAddress, onHost });
  const events = new EventRecorder(rest.client, { component: 'kube-proxy', host: nodeName });
  let wanted: readonly ServiceHostPort[] = [];
  const hostPorts = new HostPorts({
    channel: parentChannel,
    onRefused: ({ code, ...port }) => {
      logger.warn({ ...port, code }, 'the host could not open a port');
      const service = wanted.find((one) => keyOf(one) === keyOf(port))?.service;
      if (service) events.event(service, 'Warning', 'HostPortNotOpened', refusal(port, code));
    },
  });
  const serve = (programmed: ProgrammedState): void => {
    wanted = wantedPorts({ ...programmed, nodeIP, hostAddress, onHost });
    hostPorts.update(wanted);
  };
  const agent = new NodeAgent({
    ...rest,
    config,
    proxier,
    logger,
    podNetwork: podNetworkOf(config),
    images: new ImageStore({
      fallback: config.imageFallback,
      writable: config.network === 'host',
      ...(config.imagesDir && { loaded: new ImageFolder(config.imagesDir) }),
    }),
    onProgrammed: serve,
    ...(config.network === 'host' && { probes: probesOnHost() }),
  });
  return { agent, logger };
}

/** Where Pods share the machine's addresses, each node watches that they do. */
function probesOnHost(): (options: PodProbesOptions) => ContainerProbes {
  const { SKIFF_CLUSTER = '', SKIFF_NODE = '' } = process.env;
  const listeners = new ContainerListeners({ marks: { SKIFF_CLUSTER, SKIFF_NODE }, clock: systemClock });
  return (options) => new AddressCheck({ ...options, listeners, probes: new PodProbes(options) });
}

function podNetworkOf({ network, podCIDR, stateDir, portsDir = '' }: AgentConfig): PodNetwork {
  if (network === 'host') return new LoopbackPodNetwork({ podCIDR, stateDir, directory: new PortDirectory(portsDir) });
  return new NamespacedPodNetwork({ podCIDR, stateDir, nodeGateway: gatewayOf(podCIDR) });
}

const codes: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'it is not permitted',
};

function refusal({ protocol, address, port }: HostPort, code: string): string {
  const why = codes[code] ?? code;
  return `Port ${port}/${protocol} of the host's ${address} could not be opened: ${why}. Inside the cluster the Service is served; on the host it will be when the port is free`;
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
