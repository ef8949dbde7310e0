import type { Duplex } from 'node:stream';
import { badRequest } from '@skiff/api/status';
import { tryConnection } from '@skiff/client/try-connection';
import { tryDns } from '@skiff/client/try-dns';
import { realPlace } from '../network/connect.ts';
import type { Endpoint } from './agent-server.ts';

type Dial = (target: { host: string; port: number }, signal: AbortSignal) => Promise<Duplex>;

/**
 * `GET /connection/HOST/PORT[?tls|?dns=TCP|?dns=UDP]`: opens a real connection from this node's network, or asks a DNS server from there,
 * and tells what came back, for `skiff why`.
 */
export function connectionEndpoint(dial: Dial): Endpoint {
  return async ({ segments, query }, response) => {
    const [host = '', port = ''] = segments;
    if (host === '' || !/^\d+$/.test(port)) throw badRequest('name a host and a port: /connection/HOST/PORT');
    const to = { host, port: Number(port), dial };
    const protocol = query.get('dns');
    const trial =
      protocol === 'TCP' || protocol === 'UDP'
        ? await tryDns({ ...to, ...(protocol === 'UDP' && whereReally(host, Number(port))), protocol })
        : await tryConnection({ ...to, tls: query.has('tls') });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(trial));
  };
}

/** A datagram is dialled by nobody who would look it up. */
function whereReally(host: string, port: number): { host: string; port: number } {
  const { address, port: realPort } = realPlace({ protocol: 'UDP', address: host, port }) ?? { address: host, port };
  return { host: address, port: realPort };
}
