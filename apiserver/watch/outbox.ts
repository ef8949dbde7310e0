import type { ServerResponse } from 'node:http';

/** What may wait for one watcher, in bytes (of ASCII text; other text counts a little less), before it is cut off. */
export const OUTBOX_BYTES = 8 * 1024 * 1024;

/** Where the frames of a watch go: an HTTP response or a WebSocket. */
export interface Sink {
  /** Bytes that the connection has taken and not yet sent. */
  readonly waiting: number;
  /** Sends frames that came in one turn of the event loop. */
  write(frames: readonly string[]): void;
  /** Ends in order, after what was written. */
  end(): void;
  /** Cuts the connection. */
  destroy(): void;
  /** Calls back when the connection is no more, whoever ended it; at once where that has been. */
  onClose(callback: () => void): void;
}

/**
 * The bounded queue between the events and one watcher. Frames of one turn of the event loop go out together. A watcher that lets
 * more than the limit wait is cut off, so it never slows a writer or fills the memory; it comes back and resumes or lists again.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #limit: number;
  readonly #onCut: (() => void) | undefined;
  #frames: string[] = [];
  #bytes = 0;
  #state: 'open' | 'ended' | 'cut' = 'open';

  constructor(sink: Sink, options: { limit?: number; onCut?: () => void } = {}) {
    this.#sink = sink;
    this.#limit = options.limit ?? OUTBOX_BYTES;
    this.#onCut = options.onCut;
  }

  /** Whether the watcher was too slow and has been cut off. */
  get cut(): boolean {
    return this.#state === 'cut';
  }

  /** Queues a frame; after {@link end} or a cut it does nothing. */
  send(frame: string): void {
    if (this.#state !== 'open') return;
    if (this.#frames.length === 0) setImmediate(() => this.#flush());
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes + this.#sink.waiting > this.#limit) this.#cutOff();
  }

  /** Sends what is queued and ends the connection in order. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#flush();
    this.#state = 'ended';
    this.#sink.end();
  }

  #flush(): void {
    if (this.#state !== 'open' || this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    this.#sink.write(frames);
  }

  #cutOff(): void {
    this.#state = 'cut';
    this.#frames = [];
    this.#sink.destroy();
    this.#onCut?.();
  }
}

/** A chunked answer: a line per frame, one chunk per turn. */
export function responseSink(response: ServerResponse): Sink {
  return {
    get waiting() {
      return response.writableLength;
    },
    write: (frames) => void response.write(`${frames.join('\n')}\n`),
    end: () => void response.end(),
    destroy: () => void response.destroy(),
    onClose: (callback) => {
      if (response.closed) callback();
      else response.once('close', callback);
    },
  };
}

/** The part of a WebSocket of `ws` that a watch needs. */
export interface FrameSocket {
  readonly bufferedAmount: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  once(event: 'close', listener: () => void): unknown;
}

/** A WebSocket: a text message per frame. */
export function webSocketSink(socket: FrameSocket): Sink {
  return {
    get waiting() {
      return socket.bufferedAmount;
    },
    write: (frames) => {
      for (const frame of frames) socket.send(frame);
    },
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
    onClose: (callback) => void socket.once('close', callback),
  };
}
