import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { decode, encode } from 'dns-packet';

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, ... */
  readonly code: string;
  /** Addresses, or the name that a name stands for. */
  readonly answers: readonly string[];
}

/** Asks a DNS server over a connection (RFC 1035, 4.2.2: two bytes of length before each message) for a name's addresses. */
export async function askDns(connection: Duplex, name: string, signal: AbortSignal): Promise<DnsAnswer> {
  const query = questionOf(name);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(query.length);
  connection.write(Buffer.concat([head, query]));
  let received = Buffer.alloc(0);
  const abort = (): void => void connection.destroy(new Error('no answer came in time'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of connection) {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) continue;
      return answerOf(received.subarray(2, 2 + received.readUInt16BE(0)));
    }
    throw new Error('it closed the connection without an answer');
  } finally {
    signal.removeEventListener('abort', abort);
    connection.destroy();
  }
}

/** As {@link askDns}, in a datagram from this process's network. Sent again where it, or the answer, may have been lost. */
export function askDnsByUdp(
  { host, port, name }: { host: string; port: number; name: string },
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const query = questionOf(name);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const send = (): void => socket.send(query);
  const again = setInterval(send, resendMs);
  return new Promise<DnsAnswer>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('no answer came in time')), { once: true });
    socket.once('error', reject);
    socket.on('message', (message) => {
      // The answer to another's question is none.
      if (message.length < 12 || message.readUInt16BE(0) !== query.readUInt16BE(0)) return;
      try {
        resolve(answerOf(message));
      } catch (error) {
        reject(error);
      }
    });
    // Connected, so that a port where nobody is says so.
    socket.connect(port, host, send);
  }).finally(() => {
    clearInterval(again);
    socket.close();
  });
}

const resendMs = 500;

function questionOf(name: string): Buffer {
  return encode({
    type: 'query',
    id: randomInt(0x10000),
    // Recursion desired.
    flags: 0x100,
    questions: [{ type: 'A', name }],
  });
}

const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function answerOf(message: Buffer): DnsAnswer {
  const { answers = [] } = decode(message);
  // The low four bits of the flags (RFC 1035, 4.1.1).
  const code = message.readUInt16BE(2) & 0xf;
  const data = answers.flatMap((answer) => (answer.type === 'A' || answer.type === 'CNAME' ? [answer.data] : []));
  return { code: codes[code] ?? String(code), answers: data };
}
