import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type Answer, type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { type Asker, DnsServer } from './dns-server.ts';
import { Forwarder } from './forwarder.ts';
import { queryLogLine } from './query-log.ts';
import { Responder } from './responder.ts';
import { framed, unframe } from './tcp-frames.ts';
import { TestView } from './testing.ts';
import { ClusterZone } from './zone.ts';

const address = '127.0.0.1';
const many = Array.from({ length: 200 }, (_, at) => ({ addresses: [`10.244.1.${at}`] }));

async function start(upstreams: { address: string; port: number }[] = []): Promise<DnsServer> {
  const view = new TestView()
    .add('web', { clusterIP: '10.96.0.20', ports: [{ port: 80, targetPort: 80 }] })
    .add('many', { clusterIP: 'None' }, many)
    .add('away', { type: 'ExternalName', externalName: 'example.com' })
    .add('near', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' });
  const zone = new ClusterZone({ domain: 'cluster.local', ttl: 5, podNames: true, view });
  const responder = new Responder({ zone, forwarder: new Forwarder({ upstreams, timeoutMs: 200 }) });
  const respond = (message: Buffer, { transport }: Asker) => responder.respond(message, transport);
  const server = new DnsServer({ address, port: 0, respond });
  await server.start();
  return server;
}

/** A server that knows example.com. */
async function startUpstream(): Promise<DnsServer> {
  const respond = async (message: Buffer): Promise<Buffer> => {
    const { id = 0, questions = [] } = decode(message);
    const answers: Answer[] = [{ name: 'example.com', type: 'A', ttl: 60, data: '192.0.2.1' }];
    return encode({ type: 'response', id, questions, answers });
  };
  const server = new DnsServer({ address, port: 0, respond });
  await server.start();
  return server;
}

async function ask(
  server: DnsServer,
  name: string,
  options: { tcp?: boolean; edns?: number } = {},
): Promise<DecodedPacket> {
  const opt: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: options.edns ?? 0,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const query: Packet = {
    type: 'query',
    id: 4711,
    flags: RECURSION_DESIRED,
    questions: [{ name, type: 'A' }],
    additionals: options.edns === undefined ? [] : [opt],
  };
  const answer = decode(options.tcp ? await sendTcp(server, encode(query)) : await sendUdp(server, encode(query)));
  assert.equal(answer.id, 4711);
  return answer;
}

async function sendUdp(server: DnsServer, message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  const received = once(socket, 'message');
  socket.send(message, server.port, address);
  const [answer] = await received;
  socket.close();
  return answer;
}

async function sendTcp(server: DnsServer, message: Buffer): Promise<Buffer> {
  const socket = connect(server.port, address);
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  unframe(socket, resolve);
  socket.write(framed(message));
  const answer = await promise;
  socket.destroy();
  return answer;
}

const rcode = (answer: DecodedPacket): number => (answer.flags ?? 0) & 15;
const data = (answer: DecodedPacket): unknown[] =>
  (answer.answers ?? []).map((record) => 'data' in record && record.data);

test('the cluster is answered for by UDP and TCP, with authority', async () => {
  await using server = await start();
  for (const tcp of [false, true]) {
    const answer = await ask(server, 'web.default.svc.cluster.local', { tcp });
    assert.deepEqual(data(answer), ['10.96.0.20']);
    assert.deepEqual([answer.flag_aa, answer.flag_rd, answer.flag_ra], [true, true, true]);
  }
  const missing = await ask(server, 'nope.default.svc.cluster.local');
  assert.deepEqual([rcode(missing), missing.authorities?.map(({ type }) => type)], [3, ['SOA']]);
});

test('an answer that is too long for a datagram is cut, said to be so, and whole by TCP', async () => {
  await using server = await start();
  const plain = await ask(server, 'many.default.svc.cluster.local');
  const edns = await ask(server, 'many.default.svc.cluster.local', { edns: 4096 });
  const whole = await ask(server, 'many.default.svc.cluster.local', { tcp: true });
  assert.deepEqual([plain.flag_tc, edns.flag_tc, whole.flag_tc], [true, true, false]);
  assert.ok(data(plain).length > 0 && data(plain).length < data(edns).length);
  assert.equal(data(whole).length, 200);
  assert.deepEqual(
    edns.additionals?.map(({ type }) => type),
    ['OPT'],
  );
});

test('other names are asked of the upstream, and aliases are followed there and here', async () => {
  await using upstream = await startUpstream();
  await using server = await start([{ address, port: upstream.port }]);
  for (const tcp of [false, true]) assert.deepEqual(data(await ask(server, 'example.com', { tcp })), ['192.0.2.1']);
  assert.deepEqual(data(await ask(server, 'away.default.svc.cluster.local')), ['example.com', '192.0.2.1']);
  assert.deepEqual(data(await ask(server, 'near.default.svc.cluster.local')), [
    'web.default.svc.cluster.local',
    '10.96.0.20',
  ]);
});

test('without an upstream that answers, it is a failure of the server', async () => {
  await using server = await start();
  assert.equal(rcode(await ask(server, 'example.com')), 2);
});

test('a query and its answer make one line of a log, as with CoreDNS', async () => {
  await using server = await start();
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0 } as const;
  const query = encode({
    type: 'query',
    id: 7,
    flags: RECURSION_DESIRED,
    questions: [{ name: 'web.default.svc.cluster.local', type: 'A' }],
    additionals: [{ ...opt, flag_do: false, options: [] }],
  });
  const answer = await sendUdp(server, query);
  const asker = { transport: 'udp', address: '10.244.1.9', port: 40_000 } as const;
  assert.equal(
    queryLogLine({ query, answer, asker, seconds: 0.00025 }),
    `[INFO] 10.244.1.9:40000 - 7 "A IN web.default.svc.cluster.local. udp ${query.length} false 1232" NOERROR qr,aa,rd,ra ${answer.length} 0.000250000s`,
  );
  assert.equal(queryLogLine({ query: Buffer.from('short'), answer, asker, seconds: 0 }), undefined);
});

test('what is no message does no harm', async () => {
  await using server = await start();
  const broken = decode(await sendUdp(server, Buffer.from('0001010000010000000000ff41', 'hex')));
  assert.equal(rcode(broken), 1);
  const socket = createSocket('udp4');
  socket.send(Buffer.from('short'), server.port, address, () => socket.close());
  assert.deepEqual(data(await ask(server, 'web.default.svc.cluster.local')), ['10.96.0.20']);
});
