import { PortDirectory } from '@skiff/node-agent/network/port-directory';
import { HostPortBroker } from '../network/host-ports.ts';
import type { NodeNetwork } from './node-network.ts';

/** What opens the host's ports for a cluster: cluster IPs are among them where it has no network of its own. */
export function brokerFor({ portsDir, plan }: NodeNetwork): HostPortBroker {
  if (portsDir === undefined) return new HostPortBroker();
  return new HostPortBroker({ elsewhere: { services: plan.services, directory: new PortDirectory(portsDir) } });
}
