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
const MOST_REDIRECTS = 10;

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

/**
 * One GET on a connection of its own. Follows redirects to the same host, as the kubelet does; what leads to another is the answer. Rejects
 * when there is no answer, or when `signal` aborts. Certificates are not checked.
 */
export async function httpGet(action: HttpGet, target: HttpTarget, signal: AbortSignal): Promise<HttpAnswer> {
  const headers = headersOf(action, target);
  let url = new URL(urlOf(action, target));
  for (let redirects = 0; ; redirects += 1) {
    const { location, ...answer } = await get(url, { headers, signal });
    const isRedirect = answer.code >= 300 && answer.code < 400 && location !== undefined;
    const next = isRedirect && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
    if (next === undefined || next.hostname !== url.hostname) return answer;
    if (redirects === MOST_REDIRECTS - 1) throw new Error(`stopped after ${MOST_REDIRECTS} redirects`);
    url = next;
  }
}

/** A header may be given more than once; `Host` and `User-Agent` instead of our own. */
function headersOf({ httpHeaders = [] }: HttpGet, { userAgent }: HttpTarget): Record<string, string | string[]> {
  const given = Map.groupBy(httpHeaders, ({ name }) => name.toLowerCase());
  const headers: Record<string, string | string[]> = { 'user-agent': userAgent, accept: '*/*', connection: 'close' };
  for (const [name, all] of given) {
    const values = all.map(({ value }) => value);
    headers[name] = name === 'host' || values.length === 1 ? (values[0] ?? '') : values;
  }
  return headers;
}

async function get(
  url: URL,
  { headers, signal }: { headers: Record<string, string | string[]>; signal: AbortSignal },
): Promise<HttpAnswer & { location: string | undefined }> {
  const isTls = url.protocol === 'https:';
  const target = { host: url.hostname, port: Number(url.port) || (isTls ? 443 : 80) };
  const tls = isTls ? await import('node:tls') : undefined;
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
        const body = Buffer.concat(chunks).toString('utf8', 0, MOST_BYTES);
        resolve({ code: response.statusCode ?? 0, body, location: response.headers.location });
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
