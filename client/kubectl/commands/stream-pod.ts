import { keyOf } from '@skiff/api/meta';
import type { Pod } from '@skiff/api/types';
import { attach, type CommandOutcome, exec } from '../../exec.ts';
import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';
import { Terminal } from '../terminal.ts';

export interface StreamedPod {
  readonly pod: Pod;
  readonly container: string;
  /** Absent: the container's own program is joined. */
  readonly command?: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Connects this process's input and output with a program in a Pod, until that ends. Throws with its exit code. */
export async function streamPod(
  session: Session,
  { pod, container, command, stdin, tty: wanted }: StreamedPod,
): Promise<void> {
  const { io } = session;
  const tty = wanted && stdin && Terminal.isThere(io.stdin);
  if (wanted && !tty) session.err('Unable to use a TTY - input is not a terminal or the right kind of file');
  using terminal = tty ? new Terminal() : undefined;
  terminal?.start();
  const options = {
    container,
    tty,
    stdout: io.out,
    ...(stdin && { stdin: io.stdin }),
    ...(!tty && { stderr: io.err }),
    ...(terminal && { onResizable: (tell: Parameters<Terminal['onSize']>[0]) => terminal.onSize(tell) }),
    signal: session.signal,
  };
  const outcome: CommandOutcome = command
    ? await exec(session.client, keyOf(pod), { ...options, command })
    : await attach(session.client, keyOf(pod), options);
  if (outcome.exitCode === 0) return;
  const isOwn = outcome.message?.includes('terminated with') ?? false;
  if (!isOwn) throw new CommandError(outcome.message ?? '', outcome.exitCode);
  session.err(`command terminated with exit code ${outcome.exitCode}`);
  throw new CommandError('', outcome.exitCode);
}
