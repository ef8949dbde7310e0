import type { Command } from './command.ts';
import { firstWord } from './command-word.ts';
import { commands } from './commands.ts';
import { CommandError, Failures, failureText, UsageError } from './failure.ts';
import { FlagError, type FlagSpecs, parseFlags } from './flags.ts';
import type { Io } from './io.ts';
import { type ClusterLookup, type GlobalFlags, globalFlags, Session } from './session.ts';

export interface KubectlOptions {
  readonly io: Io;
  readonly lookup?: ClusterLookup;
}

/** The tiny kubectl: runs one command line, without the program's name. Resolves with the exit code. */
export async function kubectl(
  argv: readonly string[],
  { io, lookup = () => undefined }: KubectlOptions,
): Promise<number> {
  const at = firstWord(argv);
  const name = at < 0 ? undefined : argv[at];
  if (name === undefined || name === 'help') {
    io.out(usage());
    return 0;
  }
  const row = commands[name];
  if (!row) {
    io.err(`error: unknown command ${JSON.stringify(name)} for "kubectl"\n${didYouMean(name)}`);
    return 1;
  }
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)];
  let command: Command;
  let session: Session | undefined;
  try {
    const found = await row.load(argv.slice(at + 1));
    command = found.command;
    const words = found.at === undefined ? rest : rest.toSpliced(at + found.at, 1);
    if (asksForHelp(words)) {
      io.out(helpOf(command));
      return 0;
    }
    const specs: FlagSpecs = { ...globalFlags, ...command.flags };
    const parsed = parseFlags(words, specs, { interspersed: !command.flagsFirst });
    session = new Session({ io, lookup, flags: globalsOf(parsed.flags, command) });
    await command.run(session, parsed);
    if (parsed.flags['warnings-as-errors'] && session.warned) throw new CommandError('1 warning received');
    return 0;
  } catch (error) {
    if (io.signal.aborted) return 130;
    return report(error, { io, name, server: () => session?.config.server ?? 'localhost:8080' });
  } finally {
    session?.[Symbol.dispose]();
  }
}

/** The flags that every command takes, but for those that mean something else to this one: `--name`, `--user`. */
function globalsOf(values: Readonly<Record<string, unknown>>, command: Command): GlobalFlags {
  const presets = parseFlags([], globalFlags).flags;
  const globals = Object.keys(globalFlags).filter((name) => !(name in command.flags));
  // They were parsed by their own specs.
  return { ...presets, ...Object.fromEntries(globals.map((name) => [name, values[name]])) } as GlobalFlags;
}

function report(error: unknown, { io, name, server }: { io: Io; name: string; server: () => string }): number {
  if (error instanceof FlagError) {
    io.err(`error: ${error.message}\nSee 'kubectl ${name} --help' for usage.\n`);
    return 1;
  }
  io.err(failureText(error, urlOf(server)));
  if (error instanceof UsageError) io.err(`See 'kubectl ${name} -h' for help and examples\n`);
  if (error instanceof Failures) return Math.max(1, ...error.errors.map(exitCodeOf));
  return exitCodeOf(error);
}

const exitCodeOf = (error: unknown): number => (error instanceof CommandError ? error.exitCode : 1);

/** The server, where the configuration can be read at all. */
function urlOf(server: () => string): string {
  try {
    return server();
  } catch {
    return 'localhost:8080';
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).some((word) => word === '-h' || word === '--help');
}

function helpOf({ summary, usage: written, flags }: Command): string {
  const lines = Object.entries(flags).map(([name, { short, type }]) => {
    const value = type === 'bool' ? '' : '=VALUE';
    return `    ${short ? `-${short}, ` : '    '}--${name}${value}`;
  });
  const listed = lines.length > 0 ? `\nOptions:\n${lines.join('\n')}\n` : '';
  return `${summary}\n\nUsage:\n  kubectl ${written} [options]\n${listed}`;
}

function usage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Controls a Kubernetes cluster.\n\nCommands:\n${lines.join('\n')}\n\nUse "COMMAND --help" for the options of a command.\n`;
}

function didYouMean(name: string): string {
  const near = Object.keys(commands).filter((known) => known.startsWith(name.slice(0, 3)));
  return near.length === 0 ? '' : `\nDid you mean this?\n${near.map((one) => `\t${one}\n`).join('')}\n`;
}
