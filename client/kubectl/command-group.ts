import type { Command } from './command.ts';
import { firstWord } from './command-word.ts';
import { CommandError } from './failure.ts';

/** The command that was chosen, and which word chose it: that word is none of the command's arguments. */
export interface Choice {
  readonly command: Command;
  readonly at?: number;
}

type Load = () => Promise<{ command: Command }>;

/** A command that consists of others, as `rollout`: each by its name, loaded when it is called. */
export class CommandGroup {
  readonly #name: string;
  readonly #commands: Readonly<Record<string, Load>>;
  readonly #otherwise: Load | undefined;

  constructor(name: string, commands: Readonly<Record<string, Load>>, options: { otherwise?: Load } = {}) {
    this.#name = name;
    this.#commands = commands;
    this.#otherwise = options.otherwise;
  }

  async choose(words: readonly string[]): Promise<Choice> {
    const at = firstWord(words);
    const word = at < 0 ? undefined : words[at];
    const load = word === undefined ? undefined : this.#commands[word];
    if (load) return { command: (await load()).command, at };
    if (this.#otherwise) return { command: (await this.#otherwise()).command };
    const names = Object.keys(this.#commands).join(', ');
    throw new CommandError(
      word === undefined
        ? `${this.#name} needs one of: ${names}`
        : `unknown command "${this.#name} ${word}"; there are: ${names}`,
    );
  }
}
