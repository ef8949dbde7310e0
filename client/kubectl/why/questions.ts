import net from 'node:net';
import { keyOf } from '@skiff/api/meta';
import type { Node, Pod } from '@skiff/api/types';
import type { Client } from '../../client.ts';
import { askDns, type DnsAnswer } from '../../dns-query.ts';
import { exec } from '../../exec.ts';
import { openPodPort } from '../../port-forward.ts';
import { type ConnectionTrial, tryConnection } from '../../try-connection.ts';
import { tryDns } from '../../try-dns.ts';
import { parseSockets } from './proc-net.ts';
import type { Address, Listener, ProgrammedServices, Questions } from './world.ts';

/** How long a Pod or a node may take to answer one question. */
const patienceMs = 5000;

/** Asks a real cluster: Pods by exec and port-forward, nodes by their agents, this machine by its own sockets. */
export class ClusterQuestions implements Questions {
  readonly #client: Client;
  readonly #signal: AbortSignal;

  constructor(client: Client, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async listeners(pod: Pod): Promise<readonly Listener[]> {
    const [container] = pod.spec?.containers ?? [];
    let [text, complaint] = ['', ''];
    const outcome = await exec(this.#client, keyOf(pod), {
      container: container?.name,
      command: ['cat', '/proc/net/tcp', '/proc/net/tcp6', '/proc/net/udp', '/proc/net/udp6'],
      stdout: (chunk) => {
        text += chunk.toString('utf8');
      },
      stderr: (chunk) => {
        complaint += chunk.toString('utf8');
      },
      signal: this.#patient(),
    });
    // Where there is no IPv6, cat ends with 1 and has shown the rest.
    if (!text.includes('local_address')) throw new Error((complaint || outcome.message || 'cat showed nothing').trim());
    return parseSockets(text);
  }

  programmed(node: Node): Promise<ProgrammedServices> {
    return this.#askNode(node, 'services');
  }

  connectFrom(node: Node, { host, port, tls, dns }: Address): Promise<ConnectionTrial> {
    const query = dns ? `?dns=${dns}` : tls ? '?tls' : '';
    return this.#askNode(node, `connection/${encodeURIComponent(host)}/${port}${query}`);
  }

  connectFromHere({ host, port, tls, dns }: Address): Promise<ConnectionTrial> {
    if (dns) return tryDns({ host, port, protocol: dns, dial: dialHere });
    return tryConnection({ host, port, dial: dialHere, ...(tls && { tls }) });
  }

  async resolve(dnsPod: Pod, name: string): Promise<DnsAnswer> {
    const signal = this.#patient();
    const port = (dnsPod.spec?.containers ?? [])
      .flatMap(({ ports }) => ports ?? [])
      .find(({ name: portName, protocol }) => portName === 'dns-tcp' || (protocol === 'TCP' && portName === 'dns'));
    const connection = await openPodPort(this.#client, keyOf(dnsPod), { port: port?.containerPort ?? 53, signal });
    return askDns(connection, name, signal);
  }

  async #askNode<Answer>({ metadata }: Node, path: string): Promise<Answer> {
    const url = `/api/v1/nodes/${encodeURIComponent(metadata.name)}/proxy/${path}`;
    return this.#client.request<Answer>({ method: 'GET', path: url, signal: this.#patient() });
  }

  #patient(): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(patienceMs)]);
  }
}

function dialHere({ host, port }: Address, signal: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, signal });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}
