import type { Readable } from 'node:stream';
import { collectionPath, kindNamed } from '@skiff/api/kinds';
import type { ObjectKey } from '@skiff/api/meta';
import type { Status } from '@skiff/api/status';
import type { WebSocket } from 'ws';
import type { Client } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import { openWebSocket } from './web-socket.ts';

/** Channels of a command over WebSocket (Kubernetes: KEP-4006). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** With v5 the end of the input can be said. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface StreamOptions {
  readonly container?: string | undefined;
  readonly stdin?: Readable | undefined;
  readonly stdout?: ((chunk: Buffer) => void) | undefined;
  readonly stderr?: ((chunk: Buffer) => void) | undefined;
  /** A terminal: errors come on stdout, too. */
  readonly tty?: boolean | undefined;
  /** Called with how to tell a new size of the terminal. */
  readonly onResizable?: ((resize: (size: TerminalSize) => void) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecOptions extends StreamOptions {
  readonly command: readonly string[];
}

/** How a command ended. */
export interface CommandOutcome {
  readonly exitCode: number;
  /** What the server says of a command that did not end with 0. */
  readonly message?: string;
}

/** Runs a command in a container. Resolves when it has ended. */
export function exec(client: Client, pod: ObjectKey, options: ExecOptions): Promise<CommandOutcome> {
  return stream(client, pod, { ...options, subresource: 'exec' });
}

/** Joins the input and output of a container's main process. Resolves when it has ended. */
export function attach(client: Client, pod: ObjectKey, options: StreamOptions): Promise<CommandOutcome> {
  return stream(client, pod, { ...options, subresource: 'attach', command: [] });
}

async function stream(
  client: Client,
  pod: ObjectKey,
  options: ExecOptions & { subresource: 'exec' | 'attach' },
): Promise<CommandOutcome> {
  const { subresource, command, container, stdin, stdout, stderr, tty = false, signal } = options;
  const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]));
  if (container) query.set('container', container);
  // What a command writes is read always: otherwise it may be left waiting for somebody who does.
  for (const [name, wanted] of Object.entries({ stdin, stdout: true, stderr: !tty, tty })) {
    if (wanted) query.set(name, 'true');
  }
  const path = `${collectionPath(kindNamed('Pod'), pod.namespace)}/${encodeURIComponent(pod.name)}/${subresource}?${query}`;
  let status = '';
  const onMessage = (data: Buffer): void => {
    const body = data.subarray(1);
    if (data[0] === channel.stdout && body.length > 0) stdout?.(body);
    else if (data[0] === channel.stderr && body.length > 0) stderr?.(body);
    else if (data[0] === channel.error) status += body.toString('utf8');
  };
  const socket = await openWebSocket(client.config, { path, protocols, onMessage, signal });
  const { promise, resolve, reject } = Promise.withResolvers<CommandOutcome>();
  socket.on('close', () => {
    if (signal?.aborted) reject(signal.reason);
    else if (status !== '') resolve(readOutcome(status));
    else reject(new ConnectionError(client.config.server, new Error('it ended before the command did')));
  });
  options.onResizable?.(({ columns, rows }) =>
    send(socket, channel.resize, JSON.stringify({ Width: columns, Height: rows })),
  );
  if (stdin) pump(socket, stdin);
  return promise;
}

/** The last word on the error channel: a Status, whose cause `ExitCode` tells a command's own code. */
function readOutcome(text: string): CommandOutcome {
  let status: Partial<Status>;
  try {
    // A Status, as every member that is looked at shows.
    status = JSON.parse(text) as Partial<Status>;
  } catch {
    return { exitCode: 1, message: text };
  }
  if (status.status === 'Success') return { exitCode: 0 };
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return { exitCode: Number(code ?? 1), message: status.message ?? 'the command failed' };
}

function send(socket: WebSocket, number: number, body: Uint8Array | string): void {
  if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([number]), Buffer.from(body)]));
}

/** What comes in is sent no faster than the network takes it. */
function pump(socket: WebSocket, stdin: Readable): void {
  const onData = (chunk: Buffer | string): void => {
    send(socket, channel.stdin, Buffer.from(chunk));
    if (socket.bufferedAmount < 1 << 20) return;
    stdin.pause();
    const timer = setInterval(() => {
      if (socket.bufferedAmount > 1 << 18) return;
      clearInterval(timer);
      stdin.resume();
    }, 5);
  };
  stdin.on('data', onData);
  const onEnd = (): void => {
    if (socket.protocol === protocols[0]) send(socket, channel.close, Buffer.from([channel.stdin]));
  };
  stdin.once('end', onEnd);
  socket.once('close', () => {
    stdin.off('data', onData).off('end', onEnd);
    stdin.pause();
  });
}
