import type { ProgrammedServices, ServicePortEntry } from './proxier.ts';

/** What a proxier tells about the entries that it has programmed. */
export function programmed(mode: string, entries: Iterable<ServicePortEntry>): ProgrammedServices {
  return {
    mode,
    services: [...entries].map(({ name, clusterIP, port, protocol, endpoints }) => ({
      name,
      clusterIP,
      port,
      protocol,
      endpoints: endpoints.map((endpoint) => `${endpoint.ip}:${endpoint.port}`),
    })),
  };
}
