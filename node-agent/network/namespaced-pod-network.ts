import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { run } from '../exec.ts';
import { PodAddresses } from './pod-addresses.ts';
import type { PodInterface, PodNetwork } from './pod-network.ts';

export interface NamespacedPodNetworkOptions {
  /** The node's range: `10.244.1.0/24`. */
  readonly podCIDR: string;
  /** Where the addresses given out are remembered. */
  readonly stateDir: string;
  /** The Pods' next hop, `10.244.1.1`: it is on the node's side of every Pod's link. */
  readonly nodeGateway: string;
}

const NAMESPACES = '/run/netns';

/**
 * A Pod's network by iproute2, in the network namespace of this process: a namespace per Pod and a point-to-point link to it, a /32 route
 * each. Not a bridge: there, traffic from Pod to Service to Pod of one node would pass by the rules of the node.
 */
export class NamespacedPodNetwork implements PodNetwork {
  readonly #gateway: string;
  readonly #addresses: PodAddresses;
  /** The last step of each sandbox: steps for one sandbox happen one after the other. */
  readonly #steps = new Map<string, Promise<unknown>>();

  constructor(options: NamespacedPodNetworkOptions) {
    this.#gateway = options.nodeGateway;
    this.#addresses = new PodAddresses(options);
    // After a restart of the whole cluster the namespaces are gone, and with them the reason to keep their addresses.
    for (const [sandboxId] of this.#addresses.entries())
      if (!existsSync(namespacePath(sandboxId))) this.#addresses.release(sandboxId);
  }

  setUp(sandboxId: string): Promise<PodInterface> {
    return this.#inTurn(sandboxId, async () => {
      const ip = this.#addresses.allocate(sandboxId);
      const made = { sandboxId, ip, networkNamespace: namespacePath(sandboxId) };
      if (this.#addresses.get(sandboxId)?.ready === true && existsSync(made.networkNamespace)) return made;
      // Half of it may be there, from an agent that was killed.
      if (existsSync(made.networkNamespace)) await this.#remove(sandboxId);
      const args = [namespaceName(sandboxId), linkName(sandboxId), ip, this.#gateway];
      await run('sh', ['-ec', setUpScript, 'pod-network', ...args]);
      this.#addresses.markReady(sandboxId);
      return made;
    });
  }

  tearDown(sandboxId: string): Promise<void> {
    return this.#inTurn(sandboxId, async () => {
      if (existsSync(namespacePath(sandboxId))) await this.#remove(sandboxId);
      this.#addresses.release(sandboxId);
    });
  }

  async list(): Promise<PodInterface[]> {
    return this.#addresses
      .entries()
      .filter(([sandboxId, { ready }]) => ready && existsSync(namespacePath(sandboxId)))
      .map(([sandboxId, { ip }]) => ({ sandboxId, ip, networkNamespace: namespacePath(sandboxId) }));
  }

  /** The link by name too: a process that still holds the namespace would keep it, with its route. */
  async #remove(sandboxId: string): Promise<void> {
    const input = `link del ${linkName(sandboxId)}\nnetns del ${namespaceName(sandboxId)}\n`;
    await run('ip', ['-force', '-batch', '-'], { input }).catch((error: unknown) => {
      if (existsSync(namespacePath(sandboxId))) throw error;
    });
  }

  #inTurn<T>(sandboxId: string, step: () => Promise<T>): Promise<T> {
    const result = (this.#steps.get(sandboxId) ?? Promise.resolve()).then(step, step);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#steps.set(sandboxId, settled);
    void settled.then(() => {
      if (this.#steps.get(sandboxId) === settled) this.#steps.delete(sandboxId);
    });
    return result;
  }
}

/** Arguments: namespace, link, the Pod's address, gateway. Two runs of `ip` in one shell: 10 ms, where a run per command took 36 ms. */
const setUpScript = `printf '%s\\n' "netns add $1" "link add $2 type veth peer name eth0 netns $1" \\
  "addr add $4/32 dev $2" "link set $2 up" "route add $3/32 dev $2" | ip -batch -
exec nsenter --net=${NAMESPACES}/$1 sh -ec '
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  echo "0 0" >/proc/sys/net/ipv4/ping_group_range
  printf "%s\\n" "link set lo up" "link set eth0 up" "addr add $1/32 dev eth0" \\
    "route add $2 dev eth0" "route add default via $2" | ip -batch -' pod-network "$3" "$4"`;

function namespaceName(sandboxId: string): string {
  return `pod-${sandboxId}`;
}

function namespacePath(sandboxId: string): string {
  return `${NAMESPACES}/${namespaceName(sandboxId)}`;
}

/** Names of links have at most 15 letters. */
function linkName(sandboxId: string): string {
  return `pod${createHash('sha256').update(sandboxId).digest('hex').slice(0, 12)}`;
}
