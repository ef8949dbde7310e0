import { CommandFailed, run } from '../exec.ts';
import type { ServicePortEntry } from './proxier.ts';

/** Selects entries of the kernel's connection table, as arguments of `conntrack -D`. */
export type FlowSelector = readonly string[];

/**
 * The UDP flows that must be forgotten after a change. A client that goes on sending from one port would otherwise stay with an endpoint
 * that is gone, or with the refusal of a time without endpoints. TCP clients notice by themselves.
 */
export function staleFlows(
  before: ServicePortEntry | undefined,
  after: ServicePortEntry | undefined,
  nodeIP: string,
): FlowSelector[] {
  const entry = after ?? before;
  if (entry?.protocol !== 'UDP') return [];
  const targets = [before, after].flatMap((one) => (one === undefined ? [] : destinations(one, nodeIP)));
  const destinationArgs = [...new Set(targets)].map((target) => target.split(' '));
  const now = endpointAddresses(after);
  const gone = [...endpointAddresses(before)].filter((ip) => !now.has(ip));
  const awoken = endpointAddresses(before).size === 0 && now.size > 0;
  return destinationArgs.flatMap((args) => [
    ...gone.map((ip) => [...args, '--dst-nat', ip]),
    ...(awoken ? [args] : []),
  ]);
}

/** Deletes them in the network namespace of this process; there may be none. */
export async function forgetFlows(flows: readonly FlowSelector[]): Promise<void> {
  for (const flow of flows)
    await run('conntrack', ['-D', '-p', 'udp', ...flow]).catch((error: unknown) => {
      if (!(error instanceof CommandFailed && error.stderr.includes('0 flow entries'))) throw error;
    });
}

function destinations(entry: ServicePortEntry, nodeIP: string): string[] {
  const addressed = [entry.clusterIP, ...entry.externalIPs, ...entry.balancerIPs].map(
    (ip) => `--orig-dst ${ip} --orig-port-dst ${entry.port}`,
  );
  return entry.nodePort === undefined
    ? addressed
    : [...addressed, `--orig-dst ${nodeIP} --orig-port-dst ${entry.nodePort}`];
}

function endpointAddresses(entry: ServicePortEntry | undefined): Set<string> {
  return new Set([...(entry?.endpoints ?? []), ...(entry?.externalEndpoints ?? [])].map(({ ip }) => ip));
}
