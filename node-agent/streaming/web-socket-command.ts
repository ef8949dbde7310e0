import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { CommandStatus, RemoteCommand, RemoteCommandOptions } from './remote-command.ts';

/** Subprotocols for commands, the best first. With v5 a client can end its input and go on reading. */
export const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** The first byte of each message says what it belongs to (apimachinery: pkg/util/remotecommand/constants.go). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** A command over a WebSocket: a binary message carries the number of a channel and bytes of it. */
export class WebSocketCommand implements RemoteCommand {
  readonly stdin: PassThrough | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  readonly gone: AbortSignal;
  readonly #webSocket: WebSocket;
  #resize: (size: { columns: number; rows: number }) => void = () => undefined;
  #size: { columns: number; rows: number } | undefined;

  constructor(webSocket: WebSocket, options: RemoteCommandOptions) {
    this.#webSocket = webSocket;
    const gone = new AbortController();
    this.gone = gone.signal;
    this.stdin = options.stdin ? new PassThrough() : undefined;
    this.stdout = options.stdout ? this.#output(channel.stdout) : undefined;
    this.stderr = options.stderr ? this.#output(channel.stderr) : undefined;
    webSocket.on('message', (data: Buffer) => this.#receive(data));
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      this.stdin?.end();
      gone.abort();
    });
    // Tells the client that it is connected, as kube-apiserver does: an empty message on the lowest channel.
    const first = options.stdout ? channel.stdout : options.stderr ? channel.stderr : channel.error;
    webSocket.send(Buffer.from([first]));
  }

  onResize(listener: (size: { columns: number; rows: number }) => void): void {
    this.#resize = listener;
    // Clients say it first, before the program is there.
    if (this.#size) listener(this.#size);
  }

  async finish(outcome: CommandStatus): Promise<void> {
    await this.#send(channel.error, Buffer.from(JSON.stringify(outcome))).catch(() => undefined);
    this.#webSocket.close(1000);
  }

  #receive(data: Buffer): void {
    const body = data.subarray(1);
    if (data[0] === channel.stdin && body.length > 0) {
      if (this.stdin?.writable !== true || this.stdin.write(body)) return;
      // A program that doesn't read holds its client up.
      this.#webSocket.pause();
      this.stdin.once('drain', () => this.#webSocket.resume());
    } else if (data[0] === channel.resize) this.#resizeTo(body.toString());
    else if (data[0] === channel.close && body[0] === channel.stdin) this.stdin?.end();
  }

  #resizeTo(text: string): void {
    this.#size = parseSize(text) ?? this.#size;
    if (this.#size) this.#resize(this.#size);
  }

  #output(number: number): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#send(number, chunk).then(() => done(), done);
      },
    }).on('error', () => undefined);
  }

  #send(number: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#webSocket.send(Buffer.concat([Buffer.from([number]), bytes]), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}

/** `{"Width":80,"Height":24}`; undefined where it is none. */
export function parseSize(text: string): { columns: number; rows: number } | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text) as Record<string, unknown>; // checked below
    const isSize = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
