import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';

/** What node:http's answers and those of an {@link Exchange} have in common. */
export type Response = Readable & Pick<IncomingMessage, 'statusCode' | 'headers' | 'headersDistinct'>;

export interface ExchangeOptions {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** With names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | undefined;
  /** Milliseconds without a byte of the answer after which the exchange is cut; 0 is for ever. */
  readonly idleMs: number;
}

/**
 * A request and its answer between a client and a handler of node:http in the same process. The handler gets what it would get behind a
 * server, and its answer comes as over HTTP/1.0, a head and then the body as it is; but there is no connection to be made, kept and
 * taken down, and no request to be written and parsed again, which of a whole cluster in a test was a third of the work.
 * It is itself what the handler takes for its socket: to destroy it, at either end, ends the exchange for both.
 */
export class Exchange extends Writable {
  readonly #options: ExchangeOptions;
  readonly #answered = Promise.withResolvers<Response>();
  #answer: Answer | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(handler: RequestListener, options: ExchangeOptions) {
    super();
    this.#options = options;
    const { idleMs } = options;
    if (idleMs > 0) {
      this.#idle = setTimeout(() => this.destroy(new Error(`nothing came for ${idleMs} ms`)), idleMs).unref();
    }
    // As over a network, nothing arrives while it is being sent.
    setImmediate(() => {
      if (!this.destroyed) this.#handle(handler);
    });
  }

  /** Resolves with the head of the answer; rejects with what the exchange was destroyed with before. */
  get answer(): Promise<Response> {
    return this.#answered.promise;
  }

  #handle(handler: RequestListener): void {
    const { method, path, headers, body } = this.#options;
    // The message asks its socket for no more than what a Writable has, as long as nothing is to be read from there.
    const request = Object.assign(new IncomingMessage(this as Writable as Socket), {
      ...{ method, url: path, headers: { ...headers }, rawHeaders: Object.entries(headers).flat(2) },
      ...{ httpVersion: '1.0', httpVersionMajor: 1, httpVersionMinor: 0, complete: true },
    });
    if (body !== undefined) request.push(body);
    request.push(null);
    const response = new ServerResponse(request);
    response.assignSocket(this as Writable as Socket);
    response.once('finish', () => this.end());
    this.on('drain', () => response.emit('drain'));
    handler(request, response);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    setImmediate(() => {
      this.#idle?.refresh();
      if (this.destroyed || chunk.length === 0) done();
      else if (this.#answer) this.#answer.receive(chunk, done);
      else this.#begin(chunk, done);
    });
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.#answer?.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    if (!this.writableFinished) {
      const why = error ?? new Error('the answer broke off');
      this.#answered.reject(why);
      this.#answer?.destroy(why);
    }
    // The client has been told, and the handler sees its response close.
    done(null);
  }

  /** The first thing that is written has the whole head. */
  #begin(chunk: Buffer, done: () => void): void {
    const end = chunk.indexOf('\r\n\r\n');
    this.#answer = new Answer(this, chunk.toString('latin1', 0, end));
    this.#answered.resolve(this.#answer);
    if (end + 4 < chunk.length) this.#answer.receive(chunk.subarray(end + 4), done);
    else done();
  }
}

/** What the client reads. */
class Answer extends Readable {
  readonly statusCode: number;
  readonly headers: Record<string, string> = {};
  readonly headersDistinct: Record<string, string[]> = {};
  readonly #exchange: Exchange;
  /** The handler waits with its next write until this is read. */
  #taken: (() => void) | undefined;

  constructor(exchange: Exchange, head: string) {
    super();
    this.#exchange = exchange;
    const [status = '', ...lines] = head.split('\r\n');
    this.statusCode = Number(status.split(' ')[1]);
    for (const line of lines) {
      const colon = line.indexOf(':');
      const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      const values = this.headersDistinct[name] ?? [];
      values.push(value);
      this.headersDistinct[name] = values;
      this.headers[name] = values.join(', ');
    }
  }

  receive(chunk: Buffer, done: () => void): void {
    if (this.push(chunk)) done();
    else this.#taken = done;
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    this.#exchange.destroy();
    // As node:http: where nobody listens, nobody is told.
    done(this.listenerCount('error') > 0 ? error : null);
  }
}
