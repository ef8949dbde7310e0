import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { SpdyConnection } from '../spdy/spdy-connection.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import type { CommandStatus, RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { parseSize } from './web-socket-command.ts';

/** Versions of the stream protocol over SPDY; v4 ends with a Status, as WebSockets do. */
export const spdyCommandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** How long a client may take to open all its streams. */
const STREAMS_MS = 30_000;
/** The status is small and the client reads: nobody waits longer for it to close. */
const CLOSE_MS = 2000;

/** A command over SPDY/3.1: a stream each for the error, stdin, stdout, stderr and the size of the terminal. */
export class SpdyCommand implements RemoteCommand {
  readonly stdin: SpdyStream | undefined;
  readonly stdout: SpdyStream | undefined;
  readonly stderr: SpdyStream | undefined;
  readonly gone: AbortSignal;
  readonly #connection: SpdyConnection;
  readonly #streams: ReadonlyMap<string, SpdyStream>;

  private constructor(connection: SpdyConnection, streams: ReadonlyMap<string, SpdyStream>, gone: AbortSignal) {
    this.#connection = connection;
    this.#streams = streams;
    this.gone = gone;
    this.stdin = streams.get('stdin');
    this.stdout = streams.get('stdout');
    this.stderr = streams.get('stderr');
    // What is for output only must not hold the connection up when it is closed from the other side.
    for (const name of ['stdout', 'stderr', 'error']) streams.get(name)?.resume();
  }

  /** Resolves when the client has opened the streams it needs. */
  static async accept(transport: Duplex, options: RemoteCommandOptions & { head: Buffer }): Promise<SpdyCommand> {
    const wanted = new Set(['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => options[name])]);
    if (options.tty) wanted.add('resize');
    const streams = new Map<string, SpdyStream>();
    const complete = Promise.withResolvers<void>();
    const connection = new SpdyConnection(transport, {
      head: options.head,
      onStream: (stream) => {
        streams.set(stream.headers['streamtype'] ?? '', stream);
        if ([...wanted].every((name) => streams.has(name))) complete.resolve();
      },
    });
    const gone = new AbortController();
    void connection.closed.then(() => {
      gone.abort();
      complete.reject(new Error('the client went away'));
    });
    const timer = setTimeout(() => connection.close(), STREAMS_MS);
    try {
      await complete.promise;
    } finally {
      clearTimeout(timer);
    }
    return new SpdyCommand(connection, streams, gone.signal);
  }

  onResize(listener: (size: { columns: number; rows: number }) => void): void {
    this.#streams.get('resize')?.on('data', (data: Buffer) => {
      const size = parseSize(data.toString());
      if (size) listener(size);
    });
  }

  async finish(outcome: CommandStatus): Promise<void> {
    const error = this.#streams.get('error');
    error?.end(JSON.stringify(outcome));
    for (const stream of [this.stdout, this.stderr]) stream?.end();
    const ends = [error, this.stdout, this.stderr].map(
      (stream) => stream && finished(stream, { readable: false }).catch(() => undefined),
    );
    await Promise.all(ends);
    this.#connection.end();
    const timer = setTimeout(() => this.#connection.close(), CLOSE_MS);
    await this.#connection.closed;
    clearTimeout(timer);
  }
}
