import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DnsServer } from '@skiff/node-agent/dns/dns-server';
import { ClusterNetwork } from './cluster-network.ts';
import { HostResolver, nodeResolvConf } from './host-resolver.ts';
import { listenInside } from './listen-inside.ts';

const execute = promisify(execFile);

test('nodes reach the host’s resolvers by way of the LAN, wherever these are', async () => {
  // It answers with the question and the code REFUSED, which a client names.
  const upstream = new DnsServer({
    address: '127.0.0.1',
    port: 0,
    respond: async (query) => {
      const answer = Buffer.from(query);
      answer.writeUInt16BE(0x8185, 2);
      return answer;
    },
  });
  await upstream.start();
  let upstreams = [{ address: '127.0.0.1', port: upstream.port }];
  await using network = await ClusterNetwork.start({ nodes: 1 });
  const sockets = await listenInside(network, { addresses: HostResolver.addresses });
  const resolver = await HostResolver.start(sockets, { upstreams: () => upstreams });
  try {
    const ask = async (): Promise<string> => {
      const program = `const resolver = new dns.promises.Resolver({ timeout: 2000, tries: 1 });
        resolver.setServers(['172.18.0.1']);
        resolver.resolve4('example.com').catch((error) => console.log(error.code));`;
      const [command = '', ...args] = network.enter([process.execPath, '-e', program], { node: 'node1' });
      return (await execute(command, args)).stdout.trim();
    };
    assert.equal(await ask(), 'EREFUSED');
    upstreams = [];
    assert.equal(await ask(), 'ESERVFAIL', 'it says so at once where the host has none');
  } finally {
    await resolver.close();
    await upstream.close();
  }
});

test('a node’s resolv.conf names the way there', () => assert.match(nodeResolvConf(), /^nameserver 172\.18\.0\.1$/m));
