import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { it } from 'node:test';
import { decode, encode } from 'dns-packet';
import { tryDns } from './try-dns.ts';

const dial = async ({ host, port }: { host: string; port: number }): Promise<net.Socket> => {
  const socket = net.connect({ host, port });
  await once(socket, 'connect');
  return socket;
};

/** Answers every question with one address. */
const answerTo = (query: Buffer): Buffer => {
  const { id = 0, questions = [] } = decode(query);
  const [name = ''] = questions.map((question) => question.name);
  return encode({ type: 'response', id, questions, answers: [{ type: 'A', name, data: '10.96.0.1' }] });
};

it('a DNS server is asked by datagram, again where the question was lost, and by connection', async () => {
  const udp = createSocket('udp4');
  let asked = 0;
  udp.on('message', (query, { port, address }) => {
    if (++asked > 1) udp.send(answerTo(query), port, address);
  });
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const tcp = net.createServer((socket) =>
    socket.on('data', (query) => {
      const answer = answerTo(query.subarray(2));
      const head = Buffer.alloc(2);
      head.writeUInt16BE(answer.length);
      socket.end(Buffer.concat([head, answer]));
    }),
  );
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  try {
    const host = '127.0.0.1';
    const byUdp = await tryDns({ host, port: udp.address().port, protocol: 'UDP', dial, answerMs: 10_000 });
    assert.deepEqual([byUdp.connected, byUdp.answer], [true, 'DNS NOERROR, 10.96.0.1']);
    const { port } = tcp.address() as AddressInfo; // of a server that listens on TCP
    const byTcp = await tryDns({ host, port, protocol: 'TCP', dial });
    assert.deepEqual([byTcp.connected, byTcp.answer], [true, 'DNS NOERROR, 10.96.0.1']);
  } finally {
    udp.close();
    tcp.close();
  }
});

it('a port that nobody has, or that says nothing, is no DNS server', async () => {
  const silent = createSocket('udp4');
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address();
  const unanswered = await tryDns({ host: '127.0.0.1', port, protocol: 'UDP', dial, answerMs: 30 });
  assert.deepEqual([unanswered.connected, unanswered.error], [false, 'no answer came in time']);
  silent.close();
  await once(silent, 'close');
  const refused = await tryDns({ host: '127.0.0.1', port, protocol: 'UDP', dial });
  assert.equal(refused.connected, false);
  assert.match(refused.error ?? '', /ECONNREFUSED/);
});
