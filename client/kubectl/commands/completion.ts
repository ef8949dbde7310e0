import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';

const scripts: Readonly<Record<string, (program: string) => string>> = {
  bash: (program) => `_${program}() {
  local words
  words=$(${program} __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${program} ${program}
`,
  zsh: (program) => `#compdef ${program}
_${program}() {
  local -a words_found
  words_found=(\${(f)"$(${program} __complete "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)"})
  compadd -a words_found
}
compdef _${program} ${program}
`,
  fish: (
    program,
  ) => `complete -c ${program} -f -a '(${program} __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

/** `kubectl completion SHELL`: a script that lets the shell complete commands, resources and names. */
export const command = defineCommand({
  usage: 'completion SHELL',
  summary: 'Output shell completion code for the specified shell (bash, zsh, or fish).',
  flags: {},
  async run(session, { args }) {
    const [shell = ''] = args;
    const script = scripts[shell];
    if (!script)
      throw new CommandError(`shell ${JSON.stringify(shell)} is not one of ${Object.keys(scripts).join(', ')}`);
    session.io.out(script('skiff'));
  },
});
