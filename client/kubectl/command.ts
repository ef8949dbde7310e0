import type { FlagSpecs, Parsed } from './flags.ts';
import type { Session } from './session.ts';

/** One command: a row of the table in commands.ts, and what its file exports. */
export interface Command {
  /** How it is written, as `get TYPE [NAME]`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: FlagSpecs;
  /** Flags must come before the first argument: what follows is another program's. */
  readonly flagsFirst?: boolean;
  /** Throws a {@link CommandError} for other exit codes than 0. */
  run(session: Session, parsed: Parsed<FlagSpecs>): Promise<void>;
}

/** Writes a command down with the types of its flags. */
export function defineCommand<const Specs extends FlagSpecs>(
  command: Omit<Command, 'flags' | 'run'> & {
    readonly flags: Specs;
    run(session: Session, parsed: Parsed<Specs>): Promise<void>;
  },
): Command {
  // The flags that it gets were parsed by its own specs.
  return command as unknown as Command;
}
