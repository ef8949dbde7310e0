import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, suite, test } from 'node:test';
import type { Service } from '@skiff/api/types';
import { ownClients } from '../proxy/own-clients.ts';
import type { EndpointAddress, ServicePortEntry } from '../proxy/proxier.ts';
import { ServiceChoice } from '../proxy/service-choice.ts';
import { UserspaceProxier } from '../proxy/userspace.ts';
import { relay } from '../relay.ts';
import { UdpRelay } from '../udp-relay.ts';
import { type ServiceHostPort, wantedPorts } from './wanted-ports.ts';

// No cluster uses this range.
const nodeIP = '127.99.0.2';
const podCIDR = '127.99.1.0/24';
const pod = '127.99.1.9';

suite('Services on the host’s network', () => {
  const choice = new ServiceChoice({ isOwn: ownClients({ nodeIP, podCIDR }) });
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  /** A Pod that says who it is and who called. */
  async function endpoint(ip: string): Promise<EndpointAddress> {
    const server = net.createServer((socket) => socket.end(`${ip} ${socket.remoteAddress}`)).listen(0, ip);
    open.push(server);
    await once(server, 'listening');
    return { ip, port: (server.address() as net.AddressInfo).port, local: true }; // of TCP
  }

  function entry(changes: Partial<ServicePortEntry>): ServicePortEntry {
    return {
      ...{ name: 'default/web', protocol: 'TCP', clusterIP: '127.98.0.20', port: 80, externalIPs: [], balancerIPs: [] },
      ...{ endpoints: [], externalEndpoints: changes.endpoints ?? [], externalTrafficPolicy: 'Cluster' },
      ...{ localEndpoints: 1, ...changes },
    };
  }

  function wanted(one: ServicePortEntry): ServiceHostPort[] {
    // Only what is read.
    const service = { metadata: { name: 'web', namespace: 'default' } } as unknown as Service;
    return wantedPorts({ services: [service], table: { services: [one] }, node: undefined, nodeIP, onHost: choice });
  }

  /** The host's side of a port, and a call from an address. */
  async function serve(port: ServiceHostPort | undefined): Promise<(from: string) => Promise<string>> {
    const target = port?.target;
    if (target === undefined || !('targets' in target)) throw new Error('it is not wanted, or leads nowhere');
    const server = net.createServer({ allowHalfOpen: true }, (client) => {
      void relay(client, target.targets(client.remoteAddress ?? ''), { tries: 3 });
    });
    open.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port: at } = server.address() as net.AddressInfo; // of TCP
    return (localAddress) => text(net.connect({ port: at, host: '127.0.0.1', localAddress }));
  }

  test('a cluster IP is wanted while there are endpoints, a node port beside it', () => {
    const one = { ip: '127.99.1.2', port: 8080, local: true };
    const places = (changes: Partial<ServicePortEntry>) =>
      wanted(entry(changes)).map(({ protocol, address, port, alone }) => [`${protocol} ${address}:${port}`, alone]);
    assert.deepEqual(places({ endpoints: [one], nodePort: 30_007 }), [
      ['TCP 127.98.0.20:80', undefined],
      ['TCP 127.0.0.1:30007', undefined],
    ]);
    assert.deepEqual(places({ endpoints: [one], protocol: 'UDP' }), [['UDP 127.98.0.20:80', true]]);
    assert.deepEqual(places({ endpoints: [one], affinitySeconds: 60 }), [['TCP 127.98.0.20:80', true]]);
    assert.deepEqual(places({ endpoints: [], nodePort: 30_007 }), []);
  });

  test('every endpoint is called, and sees the address of the client', async () => {
    const endpoints = [await endpoint('127.99.1.2'), await endpoint('127.99.1.3')];
    const call = await serve(wanted(entry({ endpoints }))[0]);
    const answers = await Promise.all(Array.from({ length: 24 }, () => call(pod)));
    assert.deepEqual([...new Set(answers)].sort(), [`127.99.1.2 ${pod}`, `127.99.1.3 ${pod}`]);
    assert.match(await call('127.0.0.1'), / 127\.0\.0\.1$/);
  });

  test('an endpoint that refuses is passed over', async () => {
    const endpoints = [{ ip: '127.99.1.4', port: 9, local: true }, await endpoint('127.99.1.2')];
    const call = await serve(wanted(entry({ endpoints }))[0]);
    for (let time = 0; time < 8; time += 1) assert.equal(await call(pod), `127.99.1.2 ${pod}`);
  });

  test('affinity is the client’s, by whichever way it comes', async () => {
    const endpoints = await Promise.all(['127.99.1.2', '127.99.1.3', '127.99.1.4'].map(endpoint));
    const own = wanted(entry({ endpoints, affinitySeconds: 60, nodePort: 30_007 }));
    const [inside, outside] = await Promise.all(own.map(serve));
    const first = await inside?.(pod);
    for (let time = 0; time < 8; time += 1) assert.equal(await (time % 2 === 0 ? inside : outside)?.(pod), first);
  });

  test('datagrams go to an endpoint while it serves', async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.99.1.2');
    await once(socket, 'listening');
    socket.on('message', (message, from) => socket.send(`${message} ${from.address}`, from.port, from.address));
    const endpoints = [{ ip: '127.99.1.2', port: socket.address().port, local: true }];
    const { target } = wanted(entry({ endpoints, protocol: 'UDP' }))[0] ?? {};
    if (target === undefined || !('targets' in target)) throw new Error('it is not wanted');
    const server = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    const udp = new UdpRelay(server, (client) => target.targets(client)());
    const client = dgram.createSocket('udp4').bind(0, pod);
    open.push(socket, udp, client);
    client.send('hello', server.address().port, '127.0.0.1');
    const [answer] = await once(client, 'message');
    assert.equal(String(answer), `hello ${pod}`);
    assert.ok(target.stillServes({ host: '127.99.1.2', port: socket.address().port }));
    assert.ok(!target.stillServes({ host: '127.99.1.2', port: 9 }));
  });

  test('a node answers on its own node ports alone, by the external policy', async () => {
    await using proxier = Object.assign(new UserspaceProxier({ nodeIP, podCIDR, onHost: choice }), {
      [Symbol.asyncDispose]: () => proxier.close(),
    });
    const [here, there] = [await endpoint('127.99.1.2'), await endpoint('127.99.2.2')];
    const changes = { endpoints: [here, there], externalEndpoints: [here], externalTrafficPolicy: 'Local' } as const;
    await proxier.apply({ services: [entry({ ...changes, nodePort: 30_107 })] });
    const call = (localAddress: string) => text(net.connect({ host: nodeIP, port: 30_107, localAddress }));
    for (let time = 0; time < 8; time += 1) assert.equal(await call('127.0.0.1'), '127.99.1.2 127.0.0.1');
    const own = await Promise.all(Array.from({ length: 24 }, () => call(pod)));
    assert.equal(new Set(own).size, 2, 'its Pods reach all endpoints');
    await assert.rejects(once(net.connect({ host: '127.98.0.20', port: 80 }), 'connect'), /ECONNREFUSED/);
    await proxier.apply({ services: [] });
    await assert.rejects(call(pod), /ECONNREFUSED/);
  });
});
