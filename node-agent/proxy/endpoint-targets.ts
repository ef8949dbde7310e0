import type { RelayTarget } from '../relay.ts';
import type { EndpointAddress } from './proxier.ts';
import type { Listening } from './service-listener.ts';

/** Who to try for a client, one after the other; undefined where nobody is left. */
export function endpointTargets(
  { endpointFor, keepsClient }: Pick<Listening, 'endpointFor' | 'keepsClient'>,
  client: string,
): () => RelayTarget | undefined {
  const refused = new Set<EndpointAddress>();
  return () => {
    const endpoint = endpointFor(client, refused);
    if (endpoint === undefined) return undefined;
    refused.add(endpoint);
    const { ip, port } = endpoint;
    // An address of loopback can be seen by who is on loopback too.
    return { host: ip, port, ...(keepsClient && client.startsWith('127.') && { from: client }) };
  };
}
