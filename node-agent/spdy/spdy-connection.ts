import type { Duplex } from 'node:stream';
import {
  type ControlFrame,
  controlTypes,
  type DataFrame,
  encodeFrame,
  FIN,
  type Frame,
  FrameReader,
} from './frames.ts';
import { HeaderPacker, HeaderUnpacker } from './header-blocks.ts';
import { SpdyStream } from './spdy-stream.ts';

/** Status codes of RST_STREAM. */
const CANCEL = 5;
const INVALID_STREAM = 2;
/** More streams at once than any port-forward has. */
const MOST_STREAMS = 1000;

/**
 * The server's end of a SPDY/3.1 connection, as far as Kubernetes' clients use it (moby/spdystream): the client opens streams, both sides
 * send data. There is no flow control per stream, as in their implementation: a stream that nobody reads holds up the connection.
 */
export class SpdyConnection {
  /** Resolves when the connection has ended, whatever the reason. */
  readonly closed: Promise<void>;
  readonly #transport: Duplex;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #reader = new FrameReader();
  readonly #packer = new HeaderPacker();
  readonly #unpacker = new HeaderUnpacker();
  readonly #streams = new Map<number, SpdyStream>();

  constructor(transport: Duplex, options: { onStream: (stream: SpdyStream) => void; head?: Buffer }) {
    this.#transport = transport;
    this.#onStream = options.onStream;
    // One that waits for each stream.
    transport.setMaxListeners(0).on('error', () => transport.destroy());
    this.closed = this.#run(options.head ?? Buffer.alloc(0));
  }

  close(): void {
    this.#transport.destroy();
  }

  /** Ends the connection when what was written has gone out. */
  end(): void {
    this.#transport.end();
  }

  async #run(head: Buffer): Promise<void> {
    try {
      for (const frame of this.#reader.push(head)) await this.#receive(frame);
      for await (const bytes of this.#transport)
        for (const frame of this.#reader.push(bytes as Buffer)) await this.#receive(frame);
    } catch {
      // A peer that speaks nonsense, or went away: either way it is over.
    }
    this.#transport.destroy();
    for (const stream of this.#streams.values()) stream.destroy();
    this.#packer.close();
    this.#unpacker.close();
  }

  async #receive(frame: Frame): Promise<void> {
    if (frame.kind === 'data') return this.#data(frame);
    const { type, payload } = frame;
    if (type === controlTypes.synStream) await this.#open(frame);
    else if (type === controlTypes.rstStream) this.#streams.get(payload.readUInt32BE(0))?.destroy();
    else if (type === controlTypes.ping) await this.#send({ ...frame });
    // Others, as SETTINGS and WINDOW_UPDATE, change nothing here.
  }

  async #data({ streamId, flags, payload }: DataFrame): Promise<void> {
    const stream = this.#streams.get(streamId);
    // What is still on its way to a stream that was reset.
    if (stream === undefined || stream.readableEnded) return;
    await stream.receive(payload, { fin: (flags & FIN) !== 0 });
  }

  async #open({ flags, payload }: ControlFrame): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fff_ffff;
    const headers = await this.#unpacker.unpack(payload.subarray(10));
    if (this.#streams.has(id) || this.#streams.size >= MOST_STREAMS) return this.#reset(id, INVALID_STREAM);
    const stream = new SpdyStream(headers, {
      send: (data, { fin }) => this.#send({ kind: 'data', streamId: id, flags: fin ? FIN : 0, payload: data }),
      reset: () => this.#reset(id, CANCEL),
    });
    this.#streams.set(id, stream);
    stream.on('error', () => undefined).once('close', () => this.#streams.delete(id));
    const block = await this.#packer.pack({});
    await this.#send({ kind: 'control', type: controlTypes.synReply, flags: 0, payload: withId(id, block) });
    if ((flags & FIN) !== 0) await stream.receive(Buffer.alloc(0), { fin: true });
    this.#onStream(stream);
  }

  #reset(id: number, status: number): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(id, 0);
    payload.writeUInt32BE(status, 4);
    void this.#send({ kind: 'control', type: controlTypes.rstStream, flags: 0, payload }).catch(() => undefined);
  }

  async #send(frame: Frame): Promise<void> {
    if (this.#transport.destroyed || !this.#transport.writable) throw new Error('the connection is closed');
    if (!this.#transport.write(encodeFrame(frame))) await drained(this.#transport);
  }
}

/** Resolves when a stream can take more, or never will. */
function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

function withId(id: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(id);
  return Buffer.concat([head, rest]);
}
