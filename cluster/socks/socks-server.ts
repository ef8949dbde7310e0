import { connect, createServer, isIPv4, type Server, type Socket } from 'node:net';
import { join } from '@skiff/node-agent/relay';
import {
  greetingAnswer,
  type Parsed,
  parseGreeting,
  parseRequest,
  type Reply,
  replyMessage,
} from './socks-protocol.ts';

const HANDSHAKE_MS = 10_000;
const MOST_BYTES = 1024;

const repliesByCode: Readonly<Record<string, Reply>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'networkUnreachable',
  EHOSTUNREACH: 'hostUnreachable',
  ETIMEDOUT: 'hostUnreachable',
};

export interface SocksServerOptions {
  /** The address of a name; rejects where it has none. */
  readonly lookup: (name: string) => Promise<string>;
  /** Where a port of an address really is; by default where it says. */
  readonly locate?: (place: { host: string; port: number }) => { host: string; port: number };
}

/** A SOCKS5 server, not listening yet, that connects its clients from the network of this process. */
export function socksServer(options: SocksServerOptions): Server {
  return createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    void serve(client, options).catch(() => client.destroy());
  });
}

async function serve(client: Socket, { lookup, locate = (place) => place }: SocksServerOptions): Promise<void> {
  const deadline = setTimeout(() => client.destroy(), HANDSHAKE_MS);
  const messages = new Messages(client);
  const accepted = await messages.read(parseGreeting);
  client.write(greetingAnswer(accepted === true));
  const target = accepted === true ? await messages.read(parseRequest) : undefined;
  clearTimeout(deadline);
  if (target === undefined) {
    client.end();
    return;
  }
  const host = isIPv4(target.host) ? target.host : await lookup(target.host).catch(() => undefined);
  if (host === undefined) {
    client.end(replyMessage('hostUnreachable'));
    return;
  }
  const upstream = connect({ ...locate({ host, port: target.port }), allowHalfOpen: true, noDelay: true });
  const refuse = (error: NodeJS.ErrnoException): void =>
    void client.end(replyMessage(repliesByCode[error.code ?? ''] ?? 'failure'));
  upstream.once('error', refuse);
  upstream.once('connect', () => {
    upstream.off('error', refuse);
    client.write(replyMessage('succeeded'));
    upstream.write(messages.rest);
    void join(client, upstream);
  });
}

/** What a client says, message by message; between them it is paused. */
class Messages {
  readonly #client: Socket;
  /** What came after the last message. */
  rest: Buffer = Buffer.alloc(0);

  constructor(client: Socket) {
    this.#client = client;
    client.pause();
  }

  /** Undefined for what is no such message, which is answered as the protocol asks. */
  async read<T>(parse: (data: Buffer) => Parsed<T>): Promise<T | undefined> {
    for (;;) {
      const parsed = parse(this.rest);
      if (parsed.type === 'read') {
        this.rest = this.rest.subarray(parsed.bytes);
        return parsed.value;
      }
      if (parsed.type === 'invalid' && parsed.reply) this.#client.write(replyMessage(parsed.reply));
      if (parsed.type === 'invalid' || this.rest.length > MOST_BYTES) return undefined;
      const more = await this.#receive();
      if (more === undefined) return undefined;
      this.rest = Buffer.concat([this.rest, more]);
    }
  }

  #receive(): Promise<Buffer | undefined> {
    const client = this.#client;
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
    const take = (data: Buffer): void => {
      client.pause();
      resolve(data);
    };
    const end = (): void => resolve(undefined);
    client.once('data', take).once('end', end).once('close', end).resume();
    return promise.finally(() => client.off('data', take).off('end', end).off('close', end));
  }
}
