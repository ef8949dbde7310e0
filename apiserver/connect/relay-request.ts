import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { badRequest, StatusError } from '@skiff/api/status';
import { forwardedHeaders } from './forwarded-headers.ts';
import type { ConnectTarget } from './target.ts';

/** Hands a request on, and its answer back, as they come. Rejects where nobody answers. */
export async function relayRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { target, signal }: { target: ConnectTarget; signal: AbortSignal },
): Promise<void> {
  const { path, upgradeOnly, proxied = { host: 'node', prefix: '' } } = target;
  if (upgradeOnly) throw badRequest('Upgrade request required');
  const connection = await target.open(signal);
  const headers = forwardedHeaders(request, proxied).flat();
  const options = { method: request.method, path, headers, signal, createConnection: () => connection };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const upstream = httpRequest(options, resolve).on('error', reject);
  pipeline(request, upstream).catch(reject);
  let answer: IncomingMessage;
  try {
    answer = await promise;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StatusError({
      code: 503,
      reason: 'ServiceUnavailable',
      message: `error trying to reach service: ${why}`,
    });
  }
  const kept = answer.rawHeaders.flatMap((name, at, all) =>
    at % 2 === 0 && !/^(connection|keep-alive|transfer-encoding)$/i.test(name) ? [[name, all[at + 1] ?? '']] : [],
  );
  response.writeHead(
    answer.statusCode ?? 502,
    kept.flatMap(([name = '', value = '']) => [name, moved(name, value, proxied)]),
  );
  // A side that goes away ends it: there is nobody left to tell.
  await pipeline(answer, response).catch(() => undefined);
}

/** A redirect to a path of the same host is one to a path below ours. */
function moved(name: string, value: string, { host, prefix }: { host: string; prefix: string }): string {
  if (name.toLowerCase() !== 'location') return value;
  const url = URL.parse(value, `http://${host}`);
  return url?.host === host ? `${prefix}${url.pathname}${url.search}${url.hash}` : value;
}
