import type { ContainerConfig } from './runtime.ts';
import { shellQuote } from './shell-quote.ts';

/** Lines for a shell that end it, with the words and exit codes of container runtimes, where the program can't be run. */
export function programCheck({ args: [program = ''], env }: Pick<ContainerConfig, 'args' | 'env'>): string {
  const where = program.includes('/') ? '' : ' in $PATH';
  return `program=${shellQuote([program])}
path=${shellQuote([env['PATH'] ?? ''])}
found=
case $program in
  */*) found=$program ;;
  *) IFS=:; for folder in $path; do [ ! -f "$folder/$program" ] || { found=$folder/$program; break; }; done ;;
esac
[ -f "$found" ] || { echo ${shellQuote([`exec: "${program}": executable file not found${where}`])} >&2; exit 127; }
[ -x "$found" ] || { echo ${shellQuote([`exec: "${program}": permission denied`])} >&2; exit 126; }
`;
}
