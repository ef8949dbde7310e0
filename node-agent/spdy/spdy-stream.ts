import { Duplex } from 'node:stream';
import type { Headers } from './header-blocks.ts';

/** How a stream reaches its connection. */
export interface StreamCarrier {
  /** Resolves when the connection can take more. */
  send(data: Buffer, options: { fin: boolean }): Promise<void>;
  reset(): void;
}

/** One stream of a SPDY connection. Ending it closes our direction; destroying it before both are closed resets it. */
export class SpdyStream extends Duplex {
  readonly headers: Headers;
  readonly #carrier: StreamCarrier;
  #drained: (() => void) | undefined;

  constructor(headers: Headers, carrier: StreamCarrier) {
    super({ allowHalfOpen: true });
    this.headers = headers;
    this.#carrier = carrier;
  }

  /** Hands on what the other end sent; resolves when more is wanted, so that nothing piles up here. */
  receive(data: Buffer, options: { fin: boolean }): Promise<void> | undefined {
    const wantsMore = data.length === 0 || this.push(data);
    if (options.fin) this.push(null);
    if (wantsMore || this.destroyed) return undefined;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  override _read(): void {
    this.#release();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#carrier.send(chunk, { fin: false }).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#carrier.send(Buffer.alloc(0), { fin: true }).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished || !this.readableEnded) this.#carrier.reset();
    this.#release();
    done(error);
  }

  #release(): void {
    this.#drained?.();
    this.#drained = undefined;
  }
}
