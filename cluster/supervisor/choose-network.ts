import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { DataFolder } from '../data-folder.ts';
import { CannotStart } from '../network/preflight.ts';
import { HostNetwork } from './host-network.ts';
import { KeptNetwork, type KeptNetworkOptions } from './kept-network.ts';
import type { ClusterConfig } from './messages.ts';
import type { NodeNetwork } from './node-network.ts';

export interface ChooseNetworkOptions extends KeptNetworkOptions {
  readonly config: Pick<ClusterConfig, 'network' | 'nodes' | 'proxy' | 'runtime'>;
  /** Takes one line that says what is lesser, where something is. */
  readonly notice: (text: string) => void;
}

/** What is not as it is in a network of the cluster's own: README.md, "Where it runs". */
const lesser =
  "Pods are plain processes that share this machine's network, files and user, each with a loopback address of its own; " +
  "only Node programs find the cluster's names";

/**
 * The network of a cluster's nodes, not always started yet: its own; the host's where that is wanted, or where the machine refuses the own
 * one. What a cluster had at its first start it keeps, because its cluster IPs are stored. Rejects with a {@link CannotStart}.
 */
export async function chooseNetwork(options: ChooseNetworkOptions): Promise<NodeNetwork> {
  const { folder, config, notice } = options;
  const { network: wanted, nodes } = config;
  const had = lastNetwork(folder);
  if (had !== undefined && wanted !== 'auto' && wanted !== had.kind)
    throw new CannotStart({
      step: `use the network "${wanted}"`,
      cause: `this cluster's addresses are those of the network "${had.kind}", with which it was made`,
      fix: 'End it with "npx skiff delete" and start it anew, or leave out --network',
    });
  const kind = had?.kind ?? wanted;
  if (kind === 'host') {
    notice(`this cluster is on this machine's network: ${lesser}`);
    return onHost(options, had?.number);
  }
  const own = new KeptNetwork(options);
  if (kind === 'own' || nodes === 0) return own;
  try {
    await own.start();
    writeFileSync(folder.networkFile, 'own\n');
    return own;
  } catch (error) {
    await own.close();
    if (!(error instanceof CannotStart) || needsOwn(config) !== undefined) throw error;
    const host = onHost(options);
    const better = error.fix.charAt(0).toLowerCase() + error.fix.slice(1);
    notice(
      `no network of the cluster's own can be had here (${error.step}: ${error.reason}): ${lesser}. For more, ${better}, and make the cluster anew`,
    );
    return host;
  }
}

function onHost({ folder, config }: ChooseNetworkOptions, number?: number): HostNetwork {
  const flag = needsOwn(config);
  if (flag !== undefined)
    throw new CannotStart({
      step: 'use the network "host"',
      cause: `"${flag}" needs a network of the cluster's own`,
      fix: 'Leave it out',
    });
  const host = new HostNetwork({ folder, number });
  writeFileSync(folder.networkFile, `host ${host.number}\n`);
  return host;
}

/** What was asked for that the host's network can't offer. */
function needsOwn({ proxy, runtime }: ChooseNetworkOptions['config']): string | undefined {
  if (proxy === 'nftables') return `--proxy ${proxy}`;
  return runtime === 'auto' ? undefined : `--runtime ${runtime}`;
}

/** Undefined where it has never started. */
function lastNetwork({ networkFile, database }: DataFolder): { kind: 'own' | 'host'; number?: number } | undefined {
  if (!existsSync(networkFile)) return existsSync(database) ? { kind: 'own' } : undefined;
  const [kind, number] = readFileSync(networkFile, 'utf8').trim().split(' ');
  return kind === 'host' ? { kind, number: Number(number) } : { kind: 'own' };
}
