import { join } from 'node:path';
import { type Entrance, enterCluster, enterNetwork } from '@skiff/cluster/network/entrance';
import { askSupervisor } from '@skiff/cluster/supervisor/control';
import type { ClusterUnderTest, Outcome } from '../e2e/cluster-under-test.ts';

/** Where a caller is: on the host, outside of the cluster on its LAN, on a node, or in a Pod. */
export type Place = 'host' | 'lan' | { readonly node: string } | { readonly podIP: string; readonly node: string };

/** What `my-app-image` answers with. */
export interface Facts {
  readonly pod: string;
  readonly node: string;
  readonly client: string;
}

/** curl's exit codes, by what the kernel said. */
const failures = new Map([
  [6, 'no such name'],
  [7, 'refused'],
  [28, 'timeout'],
  [52, 'reset'],
  [56, 'reset'],
]);

/** Calls to the Services of a cluster from every place that a client can be in. */
export class Callers {
  readonly #cluster: ClusterUnderTest;
  readonly #entrance: Entrance;

  static async of(cluster: ClusterUnderTest): Promise<Callers> {
    const status = await askSupervisor(join(cluster.dataDir, 'skiff.sock'), 'status');
    if (status?.entrance === undefined) throw new Error('the cluster has no network');
    return new Callers(cluster, status.entrance);
  }

  private constructor(cluster: ClusterUnderTest, entrance: Entrance) {
    this.#cluster = cluster;
    this.#entrance = entrance;
  }

  /** Runs one of the host's programs there. */
  async run(place: Place, command: readonly string[]): Promise<Outcome> {
    const [program = '', ...args] = await this.argv(place, command);
    return this.#cluster.run(program, args);
  }

  /** The body of the answer, or why there was none. */
  async get(place: Place, url: string, ...flags: string[]): Promise<string> {
    const curl = ['curl', '--silent', '--max-time', '1', ...flags, url];
    const { code, stdout, stderr } = await this.run(place, curl);
    return code === 0 ? stdout : (failures.get(code) ?? `${code} ${stderr}`);
  }

  /** What answers a call to `my-app-image`; rejects where nothing does. */
  async facts(place: Place, url: string): Promise<Facts> {
    const text = await this.get(place, url, '--header', 'accept: application/json');
    if (!text.startsWith('{')) throw new Error(`no answer from ${url}: ${text}`);
    return JSON.parse(text);
  }

  /** The names of the Pods that answer `count` calls, each on a connection of its own; sorted. */
  async pods(place: Place, url: string, count = 24): Promise<string[]> {
    const headers = ['--header', 'connection: close', '--header', 'accept: application/json'];
    const urls = Array.from({ length: count }, () => url);
    const { stdout } = await this.run(place, ['curl', '--silent', '--max-time', '5', ...headers, ...urls]);
    const lines = stdout.split('\n').filter(Boolean);
    if (lines.length !== count) throw new Error(`${lines.length} of ${count} calls to ${url} were answered`);
    // Printed by my-app-image.
    return [...new Set(lines.map((line) => (JSON.parse(line) as Facts).pod))].sort();
  }

  /** The argv that runs one of the host's programs there. */
  async argv(place: Place, command: readonly string[]): Promise<readonly string[]> {
    const entrance = this.#entrance;
    if (place === 'host') return command;
    if (place === 'lan') return enterNetwork(command, { entrance });
    if (!('podIP' in place)) return enterNetwork(command, { entrance, node: place.node });
    const [program = '', ...args] = enterCluster(['cat', `/run/skiff/${place.node}/pod-addresses.json`], { entrance });
    const { stdout } = await this.#cluster.run(program, args);
    // Written by the node agent's pod-addresses.ts.
    const { allocations } = JSON.parse(stdout) as { allocations: Record<string, { ip: string }> };
    const [sandbox] = Object.entries(allocations).find(([, { ip }]) => ip === place.podIP) ?? [];
    if (sandbox === undefined) throw new Error(`${place.node} has no Pod with the address ${place.podIP}`);
    return enterCluster(['nsenter', `--net=/run/netns/pod-${sandbox}`, ...command], { entrance });
  }
}
