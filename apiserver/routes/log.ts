import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Status, StatusError } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { containerOf } from '../connect/container-of.ts';
import type { Registry } from '../registry/registry.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { Services } from './services.ts';

/** The options of a log that the node's agent understands, as the kubelet does. */
const forwarded = new Set(['follow', 'tailLines', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'limitBytes']);

function ask(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ socketPath, path, signal, agent: false }, resolve).on('error', reject).end();
  });
}

/** GET of a Pod's log: streamed through from the agent of its node. */
export async function log(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { info, query, response } = request;
  const pod = registry.get(info).object as unknown as Pod; // the registry of Pods holds Pods
  const container = containerOf(pod, query.get('container'));
  const node = pod.spec?.nodeName;
  if (!node) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end();
    return undefined;
  }
  const options = new URLSearchParams([...query].filter(([name]) => forwarded.has(name)));
  const path = `/containerLogs/${info.namespace}/${info.name}/${container}?${options}`;
  let upstream: IncomingMessage;
  try {
    upstream = await ask(services.nodeSocket(node), path, request.signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StatusError({ code: 500, message: `cannot reach the agent of node ${node}: ${why}` });
  }
  if (upstream.statusCode !== 200) {
    const chunks: Buffer[] = [];
    for await (const chunk of upstream) chunks.push(chunk);
    const { message, reason } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Partial<Status>; // agents answer so
    throw new StatusError({ code: upstream.statusCode ?? 500, reason, message: message ?? `node ${node} refused` });
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  // A reader that goes away, or a node that does, ends the stream: there is nobody left to tell.
  await pipeline(upstream, response).catch(() => undefined);
  return undefined;
}
