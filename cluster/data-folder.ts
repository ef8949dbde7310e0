import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where one cluster keeps its state, and the names of what is in it. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** The folder of a named cluster in the user's data home (XDG Base Directory Specification). */
  static named(name: string, env: NodeJS.ProcessEnv = process.env): DataFolder {
    return new DataFolder(join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'skiff', name));
  }

  get kubeconfig(): string {
    return join(this.path, 'kubeconfig');
  }

  /** The admin's unix socket, for curl. */
  get apiSocket(): string {
    return join(this.path, 'api.sock');
  }

  /** Where the supervisor answers `skiff status` and `skiff down`. */
  get controlSocket(): string {
    return join(this.path, 'skiff.sock');
  }

  get pki(): string {
    return join(this.path, 'pki');
  }

  /** The images that were loaded; all nodes read it. */
  get images(): string {
    return join(this.path, 'images');
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  /** The port of HTTPS, kept so that kubeconfigs go on working after `down` and `up`. */
  get portFile(): string {
    return join(this.path, 'port');
  }

  /** What Pods with the host's resolvers find in their /etc/resolv.conf. */
  get resolvConf(): string {
    return join(this.path, 'resolv.conf');
  }

  /** What one of the cluster's processes says. */
  log(part: string): string {
    return join(this.logs, `${part}.log`);
  }

  /** How many nodes there were last, for the next `up`. */
  get nodeCountFile(): string {
    return join(this.path, 'node-count');
  }

  /** What the cluster's network was, and is again at the next `up`. */
  get networkFile(): string {
    return join(this.path, 'network');
  }

  /**
   * What the nodes of a cluster on the host's network keep while it runs, a folder for each start of the cluster; those of others have a
   * file system in memory.
   */
  get states(): string {
    return join(this.path, 'run');
  }

  /** The API server's database. */
  get database(): string {
    return join(this.path, 'state.db');
  }

  /** A folder and a socket for each node that the cluster has had. */
  get nodes(): string {
    return join(this.path, 'nodes');
  }

  /** Where a node's agent answers the API server. */
  nodeSocket(node: string): string {
    return join(this.nodes, `${node}.sock`);
  }

  /** What a node keeps on disk: the logs of its Pods, and their volumes. */
  node(node: string): string {
    return join(this.nodes, node);
  }
}
