import * as packet from 'dns-packet';
import { type Answer, type DecodedPacket, decode, encode, type Packet, type Question } from 'dns-packet';
import type { Forwarder } from './forwarder.ts';
import type { ClusterZone, ZoneAnswer } from './zone.ts';

export interface ResponderOptions {
  readonly zone: ClusterZone;
  /** Knows all other names. */
  readonly forwarder: Pick<Forwarder, 'forward'>;
}

/** The codes of RFC 1035 and RFC 6891. */
const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
type Rcode = keyof typeof rcodes;

interface Reply {
  readonly rcode: Rcode;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  readonly authoritative?: boolean;
}

const HEADER_BYTES = 12;
const OPCODE_MASK = 0x7800;
/** Without EDNS, and the most that is sent in one datagram whatever a client says that it takes (DNS Flag Day 2020). */
const PLAIN_UDP_BYTES = 512;
const MOST_UDP_BYTES = 1232;
const LONGEST_ALIAS_CHAIN = 8;

/** Answers DNS messages: the cluster's names from the zone, all others from somebody who knows. */
export class Responder {
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Undefined where silence is the answer: to what is no query. Never rejects. */
  async respond(message: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    if (message.length < HEADER_BYTES || (message.readUInt16BE(2) & 0x8000) !== 0) return undefined;
    let query: DecodedPacket;
    try {
      query = decode(message);
    } catch {
      return encode({ type: 'response', id: message.readUInt16BE(0), flags: rcodes.FORMERR });
    }
    const [question, ...more] = query.questions ?? [];
    if ((message.readUInt16BE(2) & OPCODE_MASK) !== 0) return pack(query, { rcode: 'NOTIMP' }, transport);
    if (!question || more.length > 0) return pack(query, { rcode: 'FORMERR' }, transport);
    if (question.class !== undefined && question.class !== 'IN') return pack(query, { rcode: 'REFUSED' }, transport);
    const answer = this.#options.zone.answer(question.name, question.type);
    if (answer.type === 'not ours') {
      const forwarded = await this.#options.forwarder.forward(message, transport);
      return forwarded ?? pack(query, { rcode: 'SERVFAIL' }, transport);
    }
    return pack(query, await this.#reply(question, answer), transport);
  }

  async #reply(question: Question, found: Exclude<ZoneAnswer, { type: 'not ours' }>): Promise<Reply> {
    const authorities = [this.#options.zone.authority()];
    if (found.type === 'no such name') return { rcode: 'NXDOMAIN', authorities, authoritative: true };
    if (found.type === 'found') {
      const { answers, additionals = [] } = found;
      return {
        rcode: 'NOERROR',
        authoritative: true,
        answers,
        additionals,
        ...(answers.length === 0 && { authorities }),
      };
    }
    return { rcode: 'NOERROR', authoritative: true, answers: await this.#follow(question, found.target) };
  }

  /** The alias, and what it stands for as far as that can be found out. */
  async #follow({ name, type }: Question, target: string): Promise<Answer[]> {
    const chain: Answer[] = [];
    let [owner, next] = [name, target];
    while (chain.length < LONGEST_ALIAS_CHAIN) {
      chain.push({ name: owner, type: 'CNAME', ttl: this.#options.zone.ttl, data: next });
      if (type === 'CNAME') return chain;
      const found = this.#options.zone.answer(next, type);
      if (found.type === 'found') return [...chain, ...found.answers];
      if (found.type === 'no such name') return chain;
      if (found.type === 'not ours') return [...chain, ...(await this.#ask(next, type))];
      [owner, next] = [next, found.target];
    }
    return chain;
  }

  async #ask(name: string, type: Question['type']): Promise<Answer[]> {
    const query = encode({ type: 'query', id: 0, flags: packet.RECURSION_DESIRED, questions: [{ name, type }] });
    const message = await this.#options.forwarder.forward(query, 'tcp');
    try {
      return message === undefined ? [] : (decode(message).answers ?? []);
    } catch {
      return [];
    }
  }
}

/** The message that goes back: cut to what the client takes, and then marked so that it asks again by TCP. */
function pack(query: DecodedPacket, reply: Reply, transport: 'udp' | 'tcp'): Buffer {
  const option = query.additionals?.find(({ type }) => type === 'OPT');
  const size = option?.type === 'OPT' ? option.udpPayloadSize : PLAIN_UDP_BYTES;
  const most = transport === 'tcp' ? 65_535 : Math.max(PLAIN_UDP_BYTES, Math.min(size, MOST_UDP_BYTES));
  const flags =
    rcodes[reply.rcode] |
    (reply.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
    packet.RECURSION_AVAILABLE |
    (query.flag_rd ? packet.RECURSION_DESIRED : 0);
  const own: Answer[] = option
    ? [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: MOST_UDP_BYTES,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ]
    : [];
  const message = (answers: readonly Answer[], additionals: readonly Answer[], more = 0): Packet => ({
    type: 'response',
    id: query.id ?? 0,
    flags: flags | more,
    questions: query.questions ?? [],
    answers: [...answers],
    authorities: [...(reply.authorities ?? [])],
    additionals: [...additionals, ...own],
  });
  const { answers = [], additionals = [] } = reply;
  for (const extra of [additionals, []]) {
    const whole = encode(message(answers, extra));
    if (whole.length <= most) return whole;
  }
  const part = (count: number): Buffer => encode(message(answers.slice(0, count), [], packet.TRUNCATED_RESPONSE));
  // How many fit, found by halving: so many always do, and so many more may.
  let fitting = 0;
  for (let more = answers.length; more > fitting; ) {
    const middle = Math.ceil((fitting + more) / 2);
    if (part(middle).length <= most) fitting = middle;
    else more = middle - 1;
  }
  return part(fitting);
}
