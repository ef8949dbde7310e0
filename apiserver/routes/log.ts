import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { badRequest, StatusError } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { Registry } from '../registry/registry.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { Services } from './services.ts';

/** The options of a log that the node's agent understands, as the kubelet does. */
const forwarded = new Set(['follow', 'tailLines', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'limitBytes']);

/** The container that a request means. Throws 400 where it has to name one. */
export function containerOf(pod: Pod, asked: string | null): string {
  const containers = (pod.spec?.containers ?? []).map(({ name }) => name);
  const inits = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => name);
  const { name } = pod.metadata;
  if (asked) {
    if ([...containers, ...inits, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choices = `choose one of: [${containers.join(' ')}]`;
  const initChoices = inits.length ? ` or one of the init containers: [${inits.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${name}, ${choices}${initChoices}`);
}

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
    const message = Buffer.concat(chunks).toString('utf8').trim() || `the agent of node ${node} refused`;
    throw new StatusError({ code: upstream.statusCode ?? 500, reason: 'BadRequest', message });
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  // A reader that goes away, or a node that does, ends the stream: there is nobody left to tell.
  await pipeline(upstream, response).catch(() => undefined);
  return undefined;
}
