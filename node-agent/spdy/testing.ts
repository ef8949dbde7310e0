import type { Duplex } from 'node:stream';
import { controlTypes, encodeFrame, FIN, FrameReader } from './frames.ts';
import { HeaderPacker, type Headers, HeaderUnpacker } from './header-blocks.ts';

/** What the other end of a stream sent so far. */
export interface ClientStream {
  readonly id: number;
  text: string;
  ended: boolean;
  reset: boolean;
  replied: boolean;
}

/** The client's end of a SPDY connection, as small as tests need it: it keeps what it gets and writes what it is told. */
export class SpdyClient {
  readonly streams = new Map<number, ClientStream>();
  readonly #transport: Duplex;
  readonly #packer = new HeaderPacker();
  readonly #unpacker = new HeaderUnpacker();
  #nextId = 1;

  constructor(transport: Duplex) {
    this.#transport = transport;
    // The test ends the transport when it has seen enough.
    this.#read().catch(() => undefined);
  }

  async open(headers: Headers): Promise<ClientStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = { id, text: '', ended: false, reset: false, replied: false };
    this.streams.set(id, stream);
    const head = Buffer.alloc(10);
    head.writeUInt32BE(id);
    const payload = Buffer.concat([head, await this.#packer.pack(headers)]);
    this.#transport.write(encodeFrame({ kind: 'control', type: controlTypes.synStream, flags: 0, payload }));
    return stream;
  }

  send({ id: streamId }: ClientStream, words: string, options: { fin?: boolean } = {}): void {
    const flags = options.fin === true ? FIN : 0;
    this.#transport.write(encodeFrame({ kind: 'data', streamId, flags, payload: Buffer.from(words) }));
  }

  async #read(): Promise<void> {
    const reader = new FrameReader();
    for await (const bytes of this.#transport) {
      for (const frame of reader.push(bytes as Buffer)) {
        const stream = this.streams.get(frame.kind === 'data' ? frame.streamId : frame.payload.readUInt32BE(0));
        if (!stream) continue;
        if (frame.kind === 'data') {
          stream.text += frame.payload;
          if ((frame.flags & FIN) !== 0) stream.ended = true;
        } else if (frame.type === controlTypes.rstStream) stream.reset = true;
        else if (frame.type === controlTypes.synReply) {
          await this.#unpacker.unpack(frame.payload.subarray(4));
          stream.replied = true;
        }
      }
    }
  }
}
