import { once } from 'node:events';
import net from 'node:net';
import type { AgentConfig } from '../config.ts';
import { hasOneLoopbackAddress, PortDirectory } from '../network/port-directory.ts';
import type { Container } from './types.ts';

export interface HostNetworkContainer {
  readonly container: Container;
  /** Of the image: `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly podIP: string;
}

/**
 * What a container on the host's network is told in its environment, unless the Pod says otherwise: HOST and PORT, where it should listen,
 * and POD_IP. PORT is its first port, where it is known to have one. SKIFF_* are for the preload of Node programs (preload/main.cjs).
 */
export async function hostNetworkEnvironment(
  { portsDir = '' }: Pick<AgentConfig, 'portsDir'>,
  { container, exposedPorts, podIP }: HostNetworkContainer,
): Promise<Record<string, string>> {
  const common = { POD_IP: podIP, SKIFF_POD_IP: podIP, SKIFF_PORTS: portsDir };
  const port = firstPort(container, exposedPorts);
  if (!hasOneLoopbackAddress()) return { ...common, HOST: podIP, ...(port && { PORT: String(port) }) };
  const there = { ...common, HOST: '127.0.0.1', SKIFF_ONE_LOOPBACK: '1' };
  if (port === undefined) return there;
  // Others would be in the way of the port itself: it is one that is free, and the directory knows whose it is.
  const free = await freePort();
  const directory = new PortDirectory(portsDir);
  directory.announce({ protocol: 'TCP', address: podIP, port }, { address: '127.0.0.1', port: free });
  return { ...there, PORT: String(free), SKIFF_PORT: String(free) };
}

function firstPort({ ports = [] }: Container, exposedPorts: readonly string[]): number | undefined {
  const own = ports.find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort;
  return own ?? exposedPorts.flatMap((text) => (text.endsWith('/udp') ? [] : [Number.parseInt(text, 10)]))[0];
}

/** Nobody keeps it free until the container listens there; the kernel gives out others in between. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo; // of TCP
  server.close();
  return port;
}
