import type { ClientConfig } from '@skiff/client/config';

/** How the program is configured: JSON in SKIFF_CONFIG. */
export interface AgentConfig {
  readonly nodeName: string;
  readonly nodeIP: string;
  /** An address of the node that stands for clients of the host; absent where there is none. */
  readonly hostAddress?: string;
  readonly podCIDR: string;
  /** All Pods of the cluster; 10.244.0.0/16 where absent. */
  readonly clusterCIDR: string;
  /** The API server: a kubeconfig's path, or what it would say. */
  readonly kubeconfig?: string;
  readonly client?: ClientConfig;
  /** The address that Pods find in /etc/resolv.conf. */
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  /** Resolvers of Pods with `dnsPolicy: Default`: a file as /etc/resolv.conf. */
  readonly resolvConf: string;
  /** On the host's disk: logs and volumes that may be large. */
  readonly dataDir: string;
  /** On a file system that vanishes with the cluster's processes: the runtime's state, tokens and secrets. */
  readonly stateDir: string;
  /** The unix socket where the API server asks for logs. */
  readonly socketPath: string;
  readonly proxy: 'auto' | 'nftables' | 'userspace';
  readonly runtime: 'auto' | 'crun' | 'namespaces' | 'processes';
  /** What Pods live in: network namespaces of their `own`, or the `host`'s network, on addresses of loopback. */
  readonly network: 'own' | 'host';
  /** With the host's network: the folder that says where ports really are (network/port-directory.ts). */
  readonly portsDir?: string;
  /** The images that were loaded into the cluster. */
  readonly imagesDir?: string;
  /** Whether the host's programs stand in for images that are not here. */
  readonly imageFallback: 'host' | 'none';
}

const defaults = {
  clusterCIDR: '10.244.0.0/16',
  clusterDNS: '10.96.0.10',
  clusterDomain: 'cluster.local',
  resolvConf: '/etc/resolv.conf',
  proxy: 'auto',
  runtime: 'auto',
  network: 'own',
  imageFallback: 'host',
};

const texts = ['nodeName', 'nodeIP', 'podCIDR', 'dataDir', 'stateDir', 'socketPath', ...Object.keys(defaults)];
const choices: Readonly<Record<string, readonly string[]>> = {
  proxy: ['auto', 'nftables', 'userspace'],
  runtime: ['auto', 'crun', 'namespaces', 'processes'],
  network: ['own', 'host'],
  imageFallback: ['host', 'none'],
};

/** Checks a configuration and fills in what it leaves out. Throws an Error that names the field. */
export function parseConfig(value: unknown): AgentConfig {
  if (typeof value !== 'object' || value === null) throw new Error('SKIFF_CONFIG must be a JSON object');
  const given: Record<string, unknown> = { ...defaults, ...value };
  for (const name of texts) {
    if (typeof given[name] !== 'string' || given[name] === '')
      throw new Error(`SKIFF_CONFIG: "${name}" must be a text, not ${JSON.stringify(given[name])}`);
  }
  for (const [name, allowed] of Object.entries(choices)) {
    if (!allowed.includes(String(given[name])))
      throw new Error(`SKIFF_CONFIG: "${name}" must be one of ${allowed.join(', ')}, not "${given[name]}"`);
  }
  if (given['kubeconfig'] === undefined && given['client'] === undefined)
    throw new Error('SKIFF_CONFIG: "kubeconfig" or "client" must say where the API server is');
  const onHost = given['network'] === 'host';
  if (given['runtime'] !== 'auto' && onHost !== (given['runtime'] === 'processes'))
    throw new Error('SKIFF_CONFIG: "runtime" is processes where "network" is host, and only there');
  if (onHost && typeof given['portsDir'] !== 'string')
    throw new Error('SKIFF_CONFIG: "portsDir" must say where ports really are');
  // Checked field by field; `client` is the supervisor's word.
  return Object.freeze(given) as unknown as AgentConfig;
}

/** The path of an Informer's or a Pod's thing below a folder, by the node's conventions. */
export const podFolders = {
  allLogs: ({ dataDir }: AgentConfig): string => `${dataDir}/logs`,
  /** As /var/log/pods of a kubelet: `NAMESPACE_NAME_UID`. */
  logs: (config: AgentConfig, pod: { namespace: string; name: string; uid: string }): string =>
    `${config.dataDir}/logs/${pod.namespace}_${pod.name}_${pod.uid}`,
  /** What may be large. */
  data: (config: AgentConfig, uid: string): string => `${config.dataDir}/pods/${uid}`,
  /** What must not reach a disk. */
  state: (config: AgentConfig, uid: string): string => `${config.stateDir}/pods/${uid}`,
};
