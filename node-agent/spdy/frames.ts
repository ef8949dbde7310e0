/** The kinds of control frames that matter here, by their number (draft-mbelshe-httpbis-spdy-00, section 2.6). */
export const controlTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;

/** Nothing follows on this stream in this direction. */
export const FIN = 0x01;

export type Frame = DataFrame | ControlFrame;

export interface DataFrame {
  readonly kind: 'data';
  readonly streamId: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export interface ControlFrame {
  readonly kind: 'control';
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

const HEAD_BYTES = 8;
const CONTROL = 0x8000_0000;
const VERSION = 3;
/** Clients send far smaller ones; a length of 24 bits would allow 16 MiB to be held for one. */
const MOST_BYTES = 1 << 20;

export function encodeFrame(frame: Frame): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(frame.kind === 'data' ? frame.streamId : (CONTROL | (VERSION << 16) | frame.type) >>> 0, 0);
  head.writeUInt32BE(((frame.flags << 24) | frame.payload.length) >>> 0, 4);
  return Buffer.concat([head, frame.payload]);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #chunks: Buffer = Buffer.alloc(0);

  /** The frames that are complete with these bytes. Throws on what is no SPDY/3. */
  push(bytes: Buffer): Frame[] {
    this.#chunks = this.#chunks.length === 0 ? bytes : Buffer.concat([this.#chunks, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    const bytes = this.#chunks;
    if (bytes.length < HEAD_BYTES) return undefined;
    const word = bytes.readUInt32BE(0);
    const rest = bytes.readUInt32BE(4);
    const length = rest & 0xff_ffff;
    if (length > MOST_BYTES) throw new Error(`SPDY: a frame of ${length} bytes is too large`);
    if (bytes.length < HEAD_BYTES + length) return undefined;
    const payload = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
    this.#chunks = bytes.subarray(HEAD_BYTES + length);
    const flags = rest >>> 24;
    if (word < CONTROL) return { kind: 'data', streamId: word, flags, payload };
    const version = (word >>> 16) & 0x7fff;
    if (version !== VERSION) throw new Error(`SPDY: version ${version} is not spoken here`);
    return { kind: 'control', type: word & 0xffff, flags, payload };
  }
}
