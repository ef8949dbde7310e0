import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { keyOf } from '@skiff/api/meta';
import type { Pod, Service } from '@skiff/api/types';
import { openPodPort } from '../../port-forward.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { list, text } from '../flags.ts';
import { podsOf } from '../resources/pods-of.ts';
import type { Session } from '../session.ts';
import { targetPortIn } from '../why/world.ts';

interface Forwarding {
  readonly local: number;
  readonly remote: number;
}

/** `kubectl port-forward`: ports of this machine that lead to ports of a Pod, until interrupted. */
export const command = defineCommand({
  usage: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  summary: 'Forward one or more local ports to a pod.',
  flags: { address: list(), 'pod-running-timeout': text(undefined, '1m') },
  async run(session, { flags, args }) {
    const [what = '', ...ports] = args;
    if (ports.length === 0) throw new CommandError('TYPE/NAME and list of ports are required for port-forward');
    const [pod] = await podsOf(session, [what], 'TYPE/NAME and list of ports are required for port-forward');
    if (!pod) throw new CommandError('timed out waiting for the condition');
    if (pod.status?.phase !== 'Running')
      throw new CommandError(
        `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'unknown'}`,
      );
    const service = await serviceOf(session, what);
    const forwardings = ports.map((given) => forwardingOf(given, pod, service));
    const hosts = flags.address.length > 0 ? flags.address.flatMap((given) => given.split(',')) : ['localhost'];
    const servers: net.Server[] = [];
    try {
      for (const forwarding of forwardings) servers.push(...(await listen(session, { pod, hosts, ...forwarding })));
      if (!session.signal.aborted) await once(session.signal, 'abort');
    } finally {
      for (const server of servers) server.close();
    }
  },
});

async function serviceOf(session: Session, what: string): Promise<Service | undefined> {
  const [type = '', name = ''] = what.split('/');
  if (!['svc', 'service', 'services'].includes(type)) return undefined;
  return session.client.resource('Service').get({ namespace: session.namespace, name }, { signal: session.signal });
}

/** `8080:80`, `80`, `:80` (any port here), `8080:http`. A Service's port stands for the port that it leads to. */
function forwardingOf(given: string, pod: Pod, service: Service | undefined): Forwarding {
  const [first = '', second] = given.split(':');
  const wanted = second ?? first;
  const remote = service ? throughService(wanted, pod, service) : portNamed(wanted, pod);
  const local =
    second === undefined ? (/^\d+$/.test(first) ? Number(first) : remote) : first === '' ? 0 : Number(first);
  if (!Number.isInteger(local) || local < 0 || local > 65535)
    throw new CommandError(`error parsing local port '${first}'`);
  return { local, remote };
}

function throughService(wanted: string, pod: Pod, { spec, metadata }: Service): number {
  const port = spec?.ports?.find((one) => one.name === wanted || String(one.port) === wanted);
  if (!port) throw new CommandError(`Service ${metadata.name} does not have a service port ${wanted}`);
  // Headless Services lead to their own port numbers.
  if (spec?.clusterIP === 'None') return port.port;
  return targetPortIn(pod, port) ?? port.port;
}

function portNamed(wanted: string, pod: Pod): number {
  if (/^\d+$/.test(wanted)) return Number(wanted);
  const found = (pod.spec?.containers ?? []).flatMap(({ ports }) => ports ?? []).find(({ name }) => name === wanted);
  if (!found) throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${wanted}'`);
  return found.containerPort;
}

async function listen(
  session: Session,
  { pod, hosts, local, remote }: { pod: Pod; hosts: readonly string[] } & Forwarding,
): Promise<net.Server[]> {
  const servers: net.Server[] = [];
  let port = local;
  let failure: unknown;
  for (const host of hosts.flatMap((one) => (one === 'localhost' ? ['127.0.0.1', '::1'] : [one]))) {
    const server = net.createServer((socket) => void handle(session, { pod, remote, port }, socket));
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      // Machines without IPv6 have only the other.
      failure = error;
      continue;
    }
    ({ port } = server.address() as AddressInfo); // of a server that listens on TCP
    servers.push(server);
    session.out(`Forwarding from ${host.includes(':') ? `[${host}]` : host}:${port} -> ${remote}`);
  }
  if (servers.length === 0)
    throw new CommandError(`unable to listen on port ${local}: ${failure instanceof Error ? failure.message : ''}`);
  return servers;
}

async function handle(
  session: Session,
  { pod, remote, port }: { pod: Pod; remote: number; port: number },
  socket: net.Socket,
): Promise<void> {
  session.out(`Handling connection for ${port}`);
  socket.on('error', () => socket.destroy());
  try {
    const upstream = await openPodPort(session.client, keyOf(pod), { port: remote, signal: session.signal });
    upstream.once('error', (error) => {
      session.err(`E an error occurred forwarding ${port} -> ${remote}: ${error.message}`);
      socket.destroy();
    });
    socket.once('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  } catch (error) {
    session.err(
      `E error creating forwarding stream for port ${port} -> ${remote}: ${error instanceof Error ? error.message : String(error)}`,
    );
    socket.destroy();
  }
}
