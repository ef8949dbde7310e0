import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import { framed, unframe } from './tcp-frames.ts';

export interface Upstream {
  readonly address: string;
  readonly port: number;
}

export interface ForwarderOptions {
  readonly upstreams: readonly Upstream[];
  /** For one upstream; default 2 s. */
  readonly timeoutMs?: number;
}

/** Queries under way at once; more are refused, so that a flood does not use up all ports. */
const MOST_AT_ONCE = 500;
const TRIED = 2;

/** Asks other resolvers about names that are not the cluster's. Messages pass as they are, under an id of this side's choice. */
export class Forwarder {
  readonly #upstreams: readonly Upstream[];
  readonly #timeoutMs: number;
  #underWay = 0;

  constructor({ upstreams, timeoutMs = 2000 }: ForwarderOptions) {
    this.#upstreams = upstreams.slice(0, TRIED);
    this.#timeoutMs = timeoutMs;
  }

  /** The first answer of an upstream; undefined where none answers in time. Never rejects. */
  async forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    if (this.#underWay >= MOST_AT_ONCE) return undefined;
    this.#underWay += 1;
    const id = query.readUInt16BE(0);
    const question = Buffer.from(query);
    question.writeUInt16BE(randomInt(65_536), 0);
    try {
      for (const upstream of this.#upstreams) {
        const options = { question, upstream, timeoutMs: this.#timeoutMs };
        const answer = await (transport === 'udp' ? askByUdp(options) : askByTcp(options));
        if (answer === undefined) continue;
        answer.writeUInt16BE(id, 0);
        return answer;
      }
      return undefined;
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** The name servers of a resolv.conf. */
export function upstreamsOf(resolvConf: string): Upstream[] {
  return resolvConf
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '')
    .filter((address) => isIP(address) === 4)
    .map((address) => ({ address, port: 53 }));
}

interface Ask {
  readonly question: Buffer;
  readonly upstream: Upstream;
  readonly timeoutMs: number;
}

/** A socket of its own for each query: its random port and the id keep forged answers out. */
function askByUdp({ question, upstream, timeoutMs }: Ask): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  socket.on('error', () => resolve(undefined));
  socket.on('message', (answer) => {
    if (answers(answer, question)) resolve(answer);
  });
  socket.connect(upstream.port, upstream.address, (error?: Error) => {
    if (error) resolve(undefined);
    else socket.send(question);
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

function askByTcp({ question, upstream, timeoutMs }: Ask): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const socket = connect({ host: upstream.address, port: upstream.port });
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(undefined));
  unframe(socket, (answer) => {
    if (answers(answer, question)) resolve(answer);
  });
  socket.write(framed(question));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function answers(answer: Buffer, question: Buffer): boolean {
  return answer.length >= 12 && answer.readUInt16BE(0) === question.readUInt16BE(0);
}
