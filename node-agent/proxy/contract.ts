import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  type ContractNetwork,
  contractNetwork,
  HOST_IP,
  NODE_IP,
  OUTSIDE_IP,
  type Peer,
  POD_CIDR,
} from './contract-network.ts';
import type { EndpointAddress, Proxier, ServicePortEntry } from './proxier.ts';

export interface ContractSubject {
  readonly name: string;
  readonly start: (node: { nodeIP: string; podCIDR: string; clusterCIDR: string; hostAddress: string }) => Proxier;
  /** Whether endpoints see the address of a Pod that calls; a relay can't keep it. */
  readonly keepsClientAddress: boolean;
}

const VIP = '10.96.0.20';
const web = { ip: VIP, port: 80 };
const webFromOutside = { ip: NODE_IP, port: 30_007 };

/** What every {@link Proxier} does, with real sockets. Runs where testInsideCluster() runs tests. */
export function proxierContract(subject: ContractSubject): void {
  suite(`the ${subject.name} proxier`, () => {
    let network: ContractNetwork;
    let proxier: Proxier;
    let a: Peer;
    let b: Peer;
    let c: Peer;
    let outside: Peer;

    before(async () => {
      network = await contractNetwork();
      ({ a, b, c, outside } = network);
      const addresses = { nodeIP: NODE_IP, podCIDR: POD_CIDR, hostAddress: HOST_IP };
      proxier = subject.start({ ...addresses, clusterCIDR: '10.244.0.0/16' });
    });
    after(async () => {
      await proxier.close();
      await network.close();
    });

    test('spreads the connections of a Pod, of the node and of an endpoint itself over all endpoints', async () => {
      await apply(entry({ endpoints: [a, b] }));
      assert.deepEqual(await c.callers(web), ['a', 'b']);
      assert.deepEqual(await network.node.callers(web), ['a', 'b']);
      assert.deepEqual(await a.callers(web), ['a', 'b']);
    });

    test('shows an endpoint the address of the Pod that calls', { skip: !subject.keepsClientAddress }, async () => {
      await apply(entry({ endpoints: [a] }));
      assert.equal(await c.call(web), `a ${c.ip}`);
    });

    test('lets an endpoint reach itself', async () => {
      await apply(entry({ endpoints: [a] }));
      assert.match(await a.call(web), /^a /);
    });

    test('answers on the node port from outside, from a Pod and from the node', async () => {
      await apply(entry({ endpoints: [a, b], nodePort: 30_007 }));
      for (const client of [outside, c, network.node])
        assert.deepEqual(await client.callers(webFromOutside), ['a', 'b']);
      assert.notEqual(await outside.call(webFromOutside), `a ${OUTSIDE_IP}`, 'the policy Cluster masquerades');
    });

    test('answers on external addresses', async () => {
      await apply(entry({ endpoints: [a], externalIPs: ['203.0.113.5'] }));
      assert.match(await outside.call({ ip: '203.0.113.5', port: 80 }), /^a /);
      await apply(entry({ endpoints: [], externalIPs: ['203.0.113.5'] }));
      assert.equal(await outside.call({ ip: '203.0.113.5', port: 80 }), 'ECONNREFUSED');
    });

    test('answers on an external address that is the node’s own, and leaves those of its neighbours alone', async () => {
      await apply(entry({ endpoints: [a], externalIPs: [NODE_IP, OUTSIDE_IP] }));
      assert.match(await outside.call({ ip: NODE_IP, port: 80 }), /^a /);
      assert.match(await c.call({ ip: OUTSIDE_IP, port: 8080 }), /^outside /);
    });

    test("answers a load balancer's clients from its source ranges only", async () => {
      const balancer = { ip: '203.0.113.6', port: 80 };
      const guarded = (...sourceRanges: string[]) =>
        entry({ endpoints: [a], balancerIPs: [balancer.ip], externalIPs: ['203.0.113.5'], sourceRanges });
      await apply(guarded('192.0.2.0/24', '172.18.0.0/16', '172.18.0.1/32'));
      assert.match(await outside.call(balancer), /^a /);
      await apply(guarded('192.0.2.0/24'));
      assert.match(await outside.call(balancer), /^(TIMEOUT|ECONNRESET)$/);
      assert.match(await outside.call({ ip: '203.0.113.5', port: 80 }), /^a /, 'other addresses are for all');
      await apply(entry({ endpoints: [a], balancerIPs: [balancer.ip] }));
      assert.match(await outside.call(balancer), /^a /);
    });

    test('follows endpoints that come and go', async () => {
      await apply(entry({ endpoints: [a] }));
      assert.deepEqual(await c.callers(web), ['a']);
      await apply(entry({ endpoints: [a, b] }));
      assert.deepEqual(await c.callers(web), ['a', 'b']);
      await apply(entry({ endpoints: [b] }));
      assert.deepEqual(await c.callers(web), ['b']);
    });

    test('refuses at once without endpoints, on unused ports and after the Service is gone from the node port', async () => {
      await apply(entry({ endpoints: [a], nodePort: 30_007 }));
      assert.equal(await c.call({ ip: VIP, port: 81 }), 'ECONNREFUSED');
      await apply(entry({ endpoints: [], nodePort: 30_007 }));
      assert.equal(await c.call(web), 'ECONNREFUSED');
      assert.equal(await network.node.call(web), 'ECONNREFUSED');
      assert.equal(await outside.call(webFromOutside), 'ECONNREFUSED');
      await apply(entry({ endpoints: [a], nodePort: 30_007 }));
      assert.match(await c.call(web), /^a /);
      await apply();
      assert.equal(await outside.call(webFromOutside), 'ECONNREFUSED');
    });

    test('keeps a client with its endpoint while it has affinity and the endpoint is there', async () => {
      await apply(entry({ endpoints: [a, b], affinitySeconds: 60, nodePort: 30_007 }));
      const [first, ...others] = await c.callers(web, 12);
      // The connections above came at once, before any could be remembered.
      if (others.length > 0) assert.equal((await inTurn(c, 6)).length, 1);
      else assert.deepEqual(await inTurn(c, 6), [first]);
      const [stays] = await inTurn(c, 1);
      await apply(entry({ endpoints: [stays === 'a' ? b : a, c], affinitySeconds: 60, nodePort: 30_007 }));
      const moved = await inTurn(c, 6);
      assert.equal(moved.length, 1);
      assert.notDeepEqual(moved, [stays]);
    });

    test('keeps to local endpoints for outside clients of a Local Service, and to all for its own Pods', async () => {
      const local = { nodePort: 30_007, externalTrafficPolicy: 'Local', endpointsElsewhere: true } as const;
      await apply(entry({ ...local, endpoints: [a, b], externalEndpoints: [a] }));
      assert.deepEqual(await outside.callers(webFromOutside), ['a']);
      assert.deepEqual(await c.callers(webFromOutside), ['a', 'b']);
      assert.deepEqual(await network.node.callers(webFromOutside), ['a', 'b']);
      const fromHost = { ...webFromOutside, localAddress: HOST_IP };
      assert.deepEqual(await network.node.callers(fromHost), ['a'], 'clients on the host are outside too');
      if (subject.keepsClientAddress) {
        assert.equal(await outside.call(webFromOutside), `a ${OUTSIDE_IP}`);
        assert.equal(await network.node.call(fromHost), `a ${HOST_IP}`);
      }

      await apply(entry({ ...local, endpoints: [b], externalEndpoints: [] }));
      assert.deepEqual(await c.callers(webFromOutside), ['b']);
      // Dropped, or reset where the kernel had to accept it first.
      assert.match(await outside.call(webFromOutside), /^(TIMEOUT|ECONNRESET)$/);
    });

    test('carries UDP, also for a client that keeps its port when its endpoint goes', async () => {
      const dns = { ip: VIP, port: 53, protocol: 'UDP', localPort: 40_053 } as const;
      const udp = (endpoints: Peer[]) => entry({ name: 'default/dns', protocol: 'UDP', port: 53, endpoints });
      await apply();
      await c.call(dns);
      await apply(udp([a]));
      assert.match(await c.call(dns), /^a /);
      await apply(udp([b]));
      assert.match(await c.call(dns), /^b /);
      await apply(udp([]));
      assert.equal(await c.call(dns), 'ECONNREFUSED');
      await apply(udp([a]));
      assert.match(await c.call(dns), /^a /);
    });

    test('tries another endpoint where one refuses', {
      skip: subject.keepsClientAddress && 'a relay can',
    }, async () => {
      // Nobody listens on the node's own port 8082.
      const gone = { ip: NODE_IP, port: 8082, local: true };
      const one = entry({ endpoints: [a] });
      await apply({ ...one, endpoints: [...one.endpoints, gone] });
      assert.deepEqual(await c.callers(web), ['a']);
    });

    test('lets two Services swap their node ports', async () => {
      const one = (nodePort: number) => entry({ name: 'default/one', endpoints: [a], nodePort });
      const two = (nodePort: number) =>
        entry({ name: 'default/two', clusterIP: '10.96.0.21', endpoints: [b], nodePort });
      await apply(one(30_001), two(30_002));
      await apply(one(30_002), two(30_001));
      assert.match(await outside.call({ ip: NODE_IP, port: 30_001 }), /^b /);
      assert.match(await outside.call({ ip: NODE_IP, port: 30_002 }), /^a /);
    });

    test('tells what is programmed', async () => {
      await apply(entry({ endpoints: [a] }));
      const { services } = await proxier.observe();
      assert.deepEqual(services, [
        { name: 'default/web', clusterIP: VIP, port: 80, protocol: 'TCP', endpoints: [`${a.ip}:8080`] },
      ]);
    });

    test('leaves nothing behind when it closes', async () => {
      await apply(entry({ endpoints: [a], nodePort: 30_007 }));
      await proxier.close();
      assert.notEqual((await c.call(web)).split(' ')[0], 'a');
      assert.equal(await outside.call(webFromOutside), 'ECONNREFUSED');
      await apply(entry({ endpoints: [a] }));
      assert.match(await c.call(web), /^a /);
    });

    async function apply(...services: ServicePortEntry[]): Promise<void> {
      await proxier.apply({ services });
    }

    async function inTurn(client: Peer, count: number): Promise<string[]> {
      const names = new Set<string>();
      for (let call = 0; call < count; call += 1) names.add((await client.call(web)).split(' ')[0] ?? '');
      return [...names];
    }
  });
}

type Changes = Partial<Omit<ServicePortEntry, 'endpoints' | 'externalEndpoints'>> & {
  endpoints: readonly Peer[];
  externalEndpoints?: readonly Peer[];
};

function entry({ endpoints, externalEndpoints, ...rest }: Changes): ServicePortEntry {
  const addressed = (peers: readonly Peer[]): EndpointAddress[] =>
    peers.map(({ ip }) => ({ ip, port: rest.protocol === 'UDP' ? 8081 : 8080, local: true }));
  return {
    name: 'default/web',
    protocol: 'TCP',
    clusterIP: VIP,
    port: 80,
    externalIPs: [],
    balancerIPs: [],
    externalTrafficPolicy: 'Cluster',
    localEndpoints: endpoints.length,
    endpoints: addressed(endpoints),
    externalEndpoints: addressed(externalEndpoints ?? endpoints),
    ...rest,
  };
}
