import { readFileSync } from 'node:fs';
import { DnsServer } from '@skiff/node-agent/dns/dns-server';
import { Forwarder, type Upstream, upstreamsOf } from '@skiff/node-agent/dns/forwarder';
import { parseResolvConf } from '@skiff/node-agent/pods/resolv-conf';
import { LAN_ADDRESS } from './addresses.ts';
import type { InsideAddress } from './listen-inside.ts';
import type { SocketHandle } from './socket-handle.ts';

const HOST_RESOLV_CONF = '/etc/resolv.conf';
const DNS_PORT = 53;
const HEADER_BYTES = 12;

/**
 * The way from the cluster to the host's resolvers, which its network has no route to: it listens on the LAN and asks from the host, where
 * they may be on a loopback address too. Their list is read at each query, because a laptop's changes on the way.
 */
export class HostResolver {
  readonly #server: DnsServer;

  /** Where it listens inside: see listenInside(). */
  static readonly addresses: readonly InsideAddress[] = [
    { protocol: 'UDP', address: LAN_ADDRESS, port: DNS_PORT },
    { protocol: 'TCP', address: LAN_ADDRESS, port: DNS_PORT },
  ];

  /** `sockets` are those of {@link addresses}; `upstreams` are the host's, unless a test says others. */
  static async start(
    [udp, tcp]: readonly SocketHandle[],
    { upstreams = hostUpstreams }: { upstreams?: () => readonly Upstream[] } = {},
  ): Promise<HostResolver> {
    if (udp === undefined || tcp === undefined) throw new Error('the sockets of the resolver were not opened');
    const server = new DnsServer({
      address: LAN_ADDRESS,
      port: DNS_PORT,
      sockets: { udp, tcp },
      respond: (message, { transport }) => ask(message, { transport, upstreams: upstreams() }),
    });
    await server.start();
    return new HostResolver(server);
  }

  private constructor(server: DnsServer) {
    this.#server = server;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}

/** The resolv.conf of the cluster's nodes: this resolver, and what the host's own says about search and options. */
export function nodeResolvConf(): string {
  const { searches, options } = parseResolvConf(readHostResolvConf());
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    `nameserver ${LAN_ADDRESS}`,
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A host without a resolver gives a failure at once, and not a client that waits. */
async function ask(
  message: Buffer,
  { transport, upstreams }: { transport: 'udp' | 'tcp'; upstreams: readonly Upstream[] },
): Promise<Buffer | undefined> {
  if (message.length < HEADER_BYTES) return undefined;
  return (await new Forwarder({ upstreams }).forward(message, transport)) ?? failure(message);
}

/** The query as its own answer, with the code SERVFAIL (RFC 1035, 4.1.1). */
function failure(query: Buffer): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE((answer.readUInt16BE(2) & 0x0100) | 0x8082, 2);
  return answer;
}

function hostUpstreams(): Upstream[] {
  return upstreamsOf(readHostResolvConf());
}

/** Empty where the host has none. */
export function readHostResolvConf(): string {
  try {
    return readFileSync(HOST_RESOLV_CONF, 'utf8');
  } catch {
    return '';
  }
}
