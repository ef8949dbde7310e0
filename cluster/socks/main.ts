/**
 * The SOCKS5 server of `skiff socks`, in a node's network: serves the socket that comes by IPC, and resolves names as a Pod of the
 * namespace `default` would. Ends with the channel.
 */
import { promises } from 'node:dns';
import { socksServer } from './socks-server.ts';

const [, , clusterDns = '', domain = ''] = process.argv;
const resolver = new promises.Resolver({ timeout: 2000, tries: 2 });
resolver.setServers([clusterDns]);

const server = socksServer({ lookup });
process.once('message', (_, handle) => server.listen(handle, () => process.send?.('listening')));
process.once('disconnect', () => process.exit());

async function lookup(name: string): Promise<string> {
  const searched = [`default.svc.${domain}`, `svc.${domain}`, domain].map((suffix) => `${name}.${suffix}`);
  const isWhole = name.endsWith('.') || name.endsWith(`.${domain}`);
  for (const candidate of isWhole ? [name] : [...searched, name]) {
    const [address] = await resolver.resolve4(candidate).catch(() => []);
    if (address !== undefined) return address;
  }
  throw new Error(`no such name: ${name}`);
}
