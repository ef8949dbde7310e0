import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFailed } from '../exec.ts';
import { changes, emptyTable, type TableContent } from './nft-changes.ts';
import { serviceRules, sharedElements } from './nft-rules.ts';
import { sendInTransactions } from './nft-transactions.ts';
import type { ServicePortEntry } from './proxier.ts';

const node = { nodeIP: '172.18.0.2', podCIDR: '10.244.1.0/24', clusterCIDR: '10.244.0.0/16' };

test('a Service is one rule that chooses, a masquerading one for node ports, and elements that lead to them', () => {
  assert.equal(
    changes(emptyTable, content(web(2, 3))).join(''),
    `add element ip skiff-services cluster-ips { 10.96.0.20 }
add element ip skiff-services hairpin { 10.244.1.2 . 10.244.1.2 }
add chain ip skiff-services service-default/web/http
add chain ip skiff-services external-default/web/http
add rule ip skiff-services service-default/web/http ip saddr != 10.244.0.0/16 meta mark set meta mark | 0x4000
add rule ip skiff-services service-default/web/http meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.2 . 8080, 1 : 10.244.2.3 . 8080 }
add rule ip skiff-services external-default/web/http meta mark set meta mark | 0x4000
add rule ip skiff-services external-default/web/http meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.2 . 8080, 1 : 10.244.2.3 . 8080 }
add element ip skiff-services service-ips { 10.96.0.20 . tcp . 80 : goto service-default/web/http }
add element ip skiff-services node-ports { tcp . 30007 : goto external-default/web/http }
`,
  );
});

test('an endpoint that goes changes only the rules that named it', () => {
  assert.equal(
    changes(content(web(2, 3)), content(web(3))).join(''),
    `add chain ip skiff-services service-default/web/http
add chain ip skiff-services external-default/web/http
flush chain ip skiff-services service-default/web/http
flush chain ip skiff-services external-default/web/http
add rule ip skiff-services service-default/web/http ip saddr != 10.244.0.0/16 meta mark set meta mark | 0x4000
add rule ip skiff-services service-default/web/http meta l4proto tcp dnat ip to 10.244.2.3:8080
add rule ip skiff-services external-default/web/http meta mark set meta mark | 0x4000
add rule ip skiff-services external-default/web/http meta l4proto tcp dnat ip to 10.244.2.3:8080
delete element ip skiff-services hairpin { 10.244.1.2 . 10.244.1.2 }
`,
  );
});

test('nothing is sent where nothing differs, and everything is deleted with the Service', () => {
  assert.deepEqual(changes(content(web(2)), content(web(2))), []);
  const commands = changes(content({ ...web(2), affinitySeconds: 60 }), emptyTable).join('');
  assert.equal(commands.match(/^delete chain/gm)?.length, 3);
  assert.equal(commands.match(/^delete set/gm)?.length, 1);
  assert.equal(commands.match(/^delete element/gm)?.length, 4);
});

test('transactions stay within the limit and are halved where the kernel wants it shorter', async () => {
  const sent: string[] = [];
  const send = async (commands: string) => {
    if (commands.length > 8)
      throw new CommandFailed({ command: 'nft', code: 1, stderr: 'netlink: Error: Message too long' });
    sent.push(commands);
  };
  await sendInTransactions(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee', 'ffff'], send, 16);
  assert.deepEqual(sent, ['aaaabbbb', 'ccccdddd', 'eeeeffff']);
  await assert.rejects(sendInTransactions(['too long at once'], send, 16), /Message too long/);
});

function content(entry: ServicePortEntry): TableContent {
  return { services: new Map([[entry.name, serviceRules(entry, node)]]), shared: sharedElements([entry]) };
}

/** Endpoint 2 is on this node, 3 on another. */
function web(...endpoints: number[]): ServicePortEntry {
  const addresses = endpoints.map((last) => ({ ip: `10.244.${last - 1}.${last}`, port: 8080, local: last === 2 }));
  return {
    name: 'default/web:http',
    protocol: 'TCP',
    clusterIP: '10.96.0.20',
    port: 80,
    nodePort: 30_007,
    externalIPs: [],
    balancerIPs: [],
    endpoints: addresses,
    externalEndpoints: addresses,
    externalTrafficPolicy: 'Cluster',
    localEndpoints: 1,
  };
}
