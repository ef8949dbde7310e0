import { request as httpRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect } from '../network/connect.ts';
import type { Probe } from '../pods/types.ts';

type HttpGet = NonNullable<Probe['httpGet']>;

export interface HttpAnswer {
  readonly code: number;
  /** The first 10 KiB, as the kubelet reads no more. */
  readonly body: string;
}

const MOST_BYTES = 10 * 1024;

/** Where a request of a probe or a hook goes; `port` is a number by now. */
export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly userAgent: string;
}

export function urlOf({ path = '/', scheme = 'HTTP' }: HttpGet, target: Pick<HttpTarget, 'host' | 'port'>): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return `${scheme.toLowerCase()}://${target.host}:${target.port}${rooted}`;
}

/** One GET on a connection of its own. Rejects when there is no answer, or when `signal` aborts. Certificates are not checked. */
export async function httpGet(action: HttpGet, target: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  const headers: Record<string, string> = { 'user-agent': target.userAgent, accept: '*/*', connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const url = urlOf(action, target);
  const tls = url.startsWith('https:') ? await import('node:tls') : undefined;
  const servername = isIP(target.host) === 0 ? target.host : '';
  const createConnection = (): Socket =>
    tls ? tls.connect({ socket: connect(target), servername, rejectUnauthorized: false }) : connect(target);
  const options = { headers, signal, createConnection };
  const sent = tls ? (await import('node:https')).request(url, options) : httpRequest(url, options);
  return new Promise((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const done = (): void => {
        resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8', 0, MOST_BYTES) });
        response.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= MOST_BYTES) done();
      });
      response.on('end', done).on('error', reject);
    });
    sent.end();
  });
}
