import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findLog } from '../logs/find-log.ts';
import { FollowFile } from '../logs/follow-file.ts';
import { parseLogOptions } from '../logs/log-options.ts';
import { readLog } from '../logs/read-log.ts';
import type { NodePod } from '../pods/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Endpoint } from './agent-server.ts';
import { type NodePods, notFound } from './node-pods.ts';

export interface LogEndpointOptions {
  readonly pods: NodePods;
  /** Where the logs of a Pod's containers are: `CONTAINER/ATTEMPT.log` below it. */
  readonly folder: (pod: NodePod) => string;
  readonly runtime: Pick<ContainerRuntime, 'containerStatus' | 'onChange'>;
}

/** `/containerLogs/NAMESPACE/POD/CONTAINER`, with the options of the API's log request. */
export function logEndpoint({ pods, folder, runtime }: LogEndpointOptions): Endpoint {
  return async ({ segments, query, signal }, response) => {
    const [namespace = '', name = '', container = ''] = segments;
    const pod = pods.pod(namespace, name);
    const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
    if (![...containers, ...initContainers, ...ephemeralContainers].some((known) => known.name === container))
      throw notFound(`container "${container}" not found in pod "${name}"`);
    const { follow, previous, ...options } = parseLogOptions(query, Date.now());
    const { path, containerId } = findLog(pod, { folder: folder(pod), container, previous });
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    using following = follow && !previous ? new FollowFile({ path, containerId, runtime, signal }) : undefined;
    // A reader that goes away ends it: there is nobody left to tell.
    await pipeline(Readable.from(readLog(path, options, following)), response).catch(() => response.destroy());
  };
}
