/**
 * The program of a Pod, or of a client outside, in contract.ts: it answers on TCP 8080 and UDP 8081 with its name and who called, and makes
 * calls itself when it is told to over IPC.
 */
import dgram from 'node:dgram';
import net from 'node:net';

export interface CallRequest {
  readonly id: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly ip: string;
  readonly port: number;
  /** Bind to this address. */
  readonly localAddress?: string;
  /** Bind to this port, as a client that keeps its port. */
  readonly localPort?: number;
}

/** `NAME CALLER` of who answered, or an error code; `TIMEOUT` without an answer. */
export interface CallAnswer {
  readonly id: number;
  readonly text: string;
}

const LIMIT_MS = 1500;
const name = process.argv[2] ?? '';

net
  .createServer((socket) => socket.on('error', () => undefined).end(`${name} ${socket.remoteAddress}`))
  .listen(8080, '0.0.0.0', ready);
const udp = dgram.createSocket('udp4', (_, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
udp.bind(8081, '0.0.0.0');

function ready(): void {
  process.on('message', (message) => {
    // Sent by contract-network.ts.
    const request = message as CallRequest;
    const call = request.protocol === 'TCP' ? callTcp : callUdp;
    call(request, (text) => process.send?.({ id: request.id, text } satisfies CallAnswer));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

function callTcp({ ip, port, localAddress }: CallRequest, answer: (text: string) => void): void {
  let text = '';
  const socket = net.connect({ host: ip, port, timeout: LIMIT_MS, ...(localAddress && { localAddress }) });
  socket.on('data', (data) => {
    text += data;
  });
  socket.on('timeout', () => socket.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    text = error.code ?? error.message;
  });
  socket.on('close', () => answer(text));
}

function callUdp({ ip, port, localPort }: CallRequest, answer: (text: string) => void): void {
  const socket = dgram.createSocket('udp4');
  const end = (text: string) => {
    clearTimeout(limit);
    socket.close(() => answer(text));
  };
  const limit = setTimeout(() => end('TIMEOUT'), LIMIT_MS);
  socket.once('message', (message) => end(message.toString()));
  socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.bind(localPort ?? 0, () => socket.connect(port, ip, () => socket.send('hello')));
}
