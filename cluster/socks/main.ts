/**
 * The SOCKS5 server of `skiff socks`, in a node's network: serves the socket that comes by IPC, and resolves names as a Pod of the
 * namespace `default` would. Ends with the channel.
 */
import { promises } from 'node:dns';
import { PortDirectory } from '@skiff/node-agent/network/port-directory';
import { socksServer } from './socks-server.ts';

const [, , clusterDns = '', domain = '', portsDir = ''] = process.argv;
const ports = portsDir === '' ? undefined : new PortDirectory(portsDir);
const server = socksServer({
  lookup,
  locate: ({ host, port }) => {
    const real = ports?.find({ protocol: 'TCP', address: host, port });
    return real ? { host: real.address, port: real.port } : { host, port };
  },
});
process.once('message', (_, handle) => server.listen(handle, () => process.send?.('listening')));
process.once('disconnect', () => process.exit());

/** The DNS may be elsewhere, and there at another time. */
function resolverNow(): promises.Resolver {
  const resolver = new promises.Resolver({ timeout: 2000, tries: 2 });
  const { address, port } = ports?.find({ protocol: 'UDP', address: clusterDns, port: 53 }) ?? {
    address: clusterDns,
    port: 53,
  };
  resolver.setServers([`${address}:${port}`]);
  return resolver;
}

async function lookup(name: string): Promise<string> {
  const resolver = resolverNow();
  const searched = [`default.svc.${domain}`, `svc.${domain}`, domain].map((suffix) => `${name}.${suffix}`);
  const isWhole = name.endsWith('.') || name.endsWith(`.${domain}`);
  for (const candidate of isWhole ? [name] : [...searched, name]) {
    const [address] = await resolver.resolve4(candidate).catch(() => []);
    if (address !== undefined) return address;
  }
  throw new Error(`no such name: ${name}`);
}
