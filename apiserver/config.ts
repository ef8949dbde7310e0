/** How the program is configured: JSON in SKIFF_CONFIG. */
export interface ApiServerConfig {
  /** Holds the database, the certificates and, unless said otherwise, the admin's socket. */
  readonly dataDir: string;
  /** Of HTTPS on 127.0.0.1; 0 is any free one. */
  readonly port: number;
  /** The admin's unix socket; empty for none. */
  readonly socketPath: string;
  readonly serviceCIDR: string;
  readonly nodePortRange: string;
  /** Where Pods reach the API server: the endpoint of the Service `kubernetes`. */
  readonly advertise: { readonly address: string; readonly port: number };
  /** The unix socket of a node's agent; `NODE` stands for the node's name. */
  readonly nodeSockets: string;
  /** Further names for the serving certificate. */
  readonly names: readonly string[];
  /** Client certificates to be made beside those that every cluster has. */
  readonly clients: readonly { readonly user: string; readonly groups?: readonly string[] }[];
}

function text(given: Record<string, unknown>, name: string, otherwise?: string): string {
  const value = given[name] ?? otherwise;
  if (typeof value !== 'string' || value === '')
    throw new Error(`SKIFF_CONFIG: "${name}" must be a text, not ${JSON.stringify(value)}`);
  return value;
}

function port(value: unknown, name: string): number {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 65535) {
    throw new Error(`SKIFF_CONFIG: "${name}" must be a port, not ${JSON.stringify(value)}`);
  }
  return Number(value);
}

/** Checks a configuration and fills in what it leaves out. Throws an Error that names the field. */
export function parseConfig(value: unknown): ApiServerConfig {
  if (typeof value !== 'object' || value === null) throw new Error('SKIFF_CONFIG must be a JSON object');
  const given = value as Record<string, unknown>; // checked field by field
  const dataDir = text(given, 'dataDir');
  const advertise = (given['advertise'] ?? {}) as Record<string, unknown>; // checked field by field
  return Object.freeze({
    dataDir,
    port: port(given['port'] ?? 0, 'port'),
    socketPath: given['socketPath'] === '' ? '' : text(given, 'socketPath', `${dataDir}/api.sock`),
    serviceCIDR: text(given, 'serviceCIDR', '10.96.0.0/16'),
    nodePortRange: text(given, 'nodePortRange', '30000-32767'),
    advertise: {
      address: text(advertise, 'address', '172.18.0.1'),
      port: port(advertise['port'] ?? 6443, 'advertise.port'),
    },
    nodeSockets: text(given, 'nodeSockets', `${dataDir}/nodes/NODE.sock`),
    names: (given['names'] ?? []) as string[], // from the supervisor, which writes them
    clients: (given['clients'] ?? []) as ApiServerConfig['clients'], // likewise
  });
}
