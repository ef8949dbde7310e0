import type { Proxier } from '../proxy/proxier.ts';
import type { Endpoint } from './agent-server.ts';
import { notFound } from './node-pods.ts';

/** `GET /services`: what this node's data plane really has programmed, for `skiff why`. */
export function servicesEndpoint(proxier: Pick<Proxier, 'observe'> | undefined): Endpoint {
  return async (_request, response) => {
    if (!proxier) throw notFound('this node carries no Services');
    const observed = await proxier.observe();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(observed));
  };
}
