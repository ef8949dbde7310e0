import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExecSession } from '../runtime/runtime.ts';

/** What a client of exec or attach asked for. */
export interface RemoteCommandOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The client's end of a command, whichever protocol it speaks. */
export interface RemoteCommand {
  /** Ends when the client has no more to say. */
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  onResize(listener: (size: { columns: number; rows: number }) => void): void;
  /** Says how it ended and closes the connection. */
  finish(outcome: CommandStatus): Promise<void>;
  /** Aborts when the client went away. */
  readonly gone: AbortSignal;
}

/** The Status with which a command ends, on the error stream (apimachinery: pkg/util/remotecommand). */
export interface CommandStatus {
  readonly metadata: Record<string, never>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] };
}

export function exitStatus(code: number): CommandStatus {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

export function failureStatus(message: string): CommandStatus {
  return { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
}

/** Reads what the query of an exec or attach asks for; as with the kubelet, something must be streamed, and a terminal has no stderr. */
export function remoteCommandOptions(query: URLSearchParams): RemoteCommandOptions {
  const asked = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  const tty = asked('tty');
  return { stdin: asked('stdin'), stdout: asked('stdout'), stderr: asked('stderr') && !tty, tty };
}

/** Joins a client with a program until the program, or the client, is gone. */
export async function serveCommand(
  remote: RemoteCommand,
  begin: (signal: AbortSignal) => Promise<ExecSession>,
): Promise<void> {
  let session: ExecSession;
  try {
    session = await begin(remote.gone);
  } catch (error) {
    return remote.finish(failureStatus(error instanceof Error ? error.message : String(error)));
  }
  remote.onResize((size) => session.resize(size));
  // Either end may close early: a program need not read its input, a client need not read the output.
  if (remote.stdin && session.stdin) void pipeline(remote.stdin, session.stdin).catch(() => undefined);
  else remote.stdin?.resume();
  const output = async (from: NodeJS.ReadableStream | undefined, to: Writable | undefined): Promise<void> => {
    // Ends `to`, so that all of it is on its way to the client before the outcome, which would overtake what is buffered.
    if (from && to) await pipeline(from, to).catch(() => from.resume());
    else from?.resume();
  };
  const outputs = Promise.all([output(session.stdout, remote.stdout), output(session.stderr, remote.stderr)]);
  try {
    const code = await session.exitCode;
    await outputs;
    await remote.finish(exitStatus(code));
  } catch (error) {
    await remote.finish(failureStatus(error instanceof Error ? error.message : String(error)));
  }
}
