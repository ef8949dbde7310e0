import type { FlagSpecs } from './flags.ts';
import { globalFlags } from './session.ts';

/** Where the first word is that is no flag and no flag's value; -1 where there is none. */
export function firstWord(argv: readonly string[]): number {
  const specs: FlagSpecs = globalFlags;
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? '';
    if (!arg.startsWith('-')) return at;
    if (arg.includes('=')) continue;
    const spec = arg.startsWith('--')
      ? specs[arg.slice(2)]
      : arg.length === 2
        ? Object.values(specs).find(({ short }) => short === arg[1])
        : undefined;
    if (spec && spec.type !== 'bool') at++;
  }
  return -1;
}
