/** How processes of the host get into a cluster's namespaces. */
export interface Entrance {
  /** The first process of the cluster's PID namespace, as the host counts. */
  readonly initPid: number;
  /** Whether the cluster has a user namespace: those of ordinary users do. */
  readonly userNamespace: boolean;
}

/** Debian leaves the folders of nft and ip out of an ordinary user's PATH: each `bin` in it brings its `sbin`. */
export function withSystemPrograms(path: string): string {
  const folders = path.split(':').filter(Boolean);
  const system = folders.filter((folder) => folder.endsWith('/bin')).map((folder) => folder.replace(/bin$/, 'sbin'));
  return [...new Set([...folders, ...system])].join(':');
}

/**
 * The argv that runs a command with the cluster's own mounts and processes, in a node's network namespace or else in the LAN's. Its
 * working folder is `/`, its /run is the cluster's own.
 */
export function enterCluster(
  command: readonly string[],
  { entrance, node }: { entrance: Entrance; node?: string | undefined },
): string[] {
  return [...into(entrance), '--mount', '--pid', '--uts', '--ipc', network(entrance, node), '--', ...command];
}

/** The argv that runs a command with the host's files and processes, but the network of a node, or else of the LAN. */
export function enterNetwork(
  command: readonly string[],
  { entrance, node }: { entrance: Entrance; node?: string | undefined },
): string[] {
  return [...into(entrance), network(entrance, node), '--', ...command];
}

function into({ initPid, userNamespace }: Entrance): string[] {
  return [...['nsenter', '--target', String(initPid)], ...(userNamespace ? ['--user', '--preserve-credentials'] : [])];
}

function network({ initPid }: Entrance, node: string | undefined): string {
  return node === undefined ? '--net' : `--net=/proc/${initPid}/root/run/netns/${node}`;
}
