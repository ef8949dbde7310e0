import type { Followed } from './follow.ts';
import type { State } from './verdict.ts';

const words: Readonly<Record<State, string>> = { ok: 'OK', warning: 'WARNING', broken: 'BROKEN', unknown: 'UNKNOWN' };
const colours: Readonly<Record<State, string>> = { ok: '32', warning: '33', broken: '31;1', unknown: '35' };
const margin = ' '.repeat(29);

/** One link, with what was seen of it unless all is well. */
export function linkText(
  { link, state, says, evidence = [] }: Followed,
  { colour, verbose }: { colour: boolean; verbose: boolean },
): string {
  const word = words[state].padEnd(8);
  const painted = colour ? `\x1b[${colours[state]}m${word}\x1b[0m` : word;
  const shown = state === 'ok' && !verbose ? [] : evidence.filter(Boolean);
  return [`  ${painted} ${link.padEnd(17)} ${says}\n`, ...shown.map((line) => `${margin}${line}\n`)].join('');
}

/** The first broken link and what to type; or what is not known; or that all is well. */
export function conclusionText(followed: readonly Followed[], name: string): string {
  const broken = followed.find(({ state }) => state === 'broken');
  const lines = (mend: readonly string[] = []): string => mend.map((line) => `    ${line}\n`).join('');
  if (broken) {
    return `\nThe first broken link of ${name} is "${broken.link}": ${broken.says}.\n${broken.mend?.length ? `To mend it:\n${lines(broken.mend)}` : ''}`;
  }
  const unknown = followed.filter(({ state }) => state === 'unknown');
  if (unknown.length > 0) {
    return `\nNothing of ${name} was found broken, but ${unknown.map(({ link }) => `"${link}"`).join(', ')} could not be found out.\n${lines([...new Set(unknown.flatMap(({ mend = [] }) => mend))])}`;
  }
  const warned = followed.filter(({ state }) => state === 'warning');
  if (warned.length > 0) {
    return `\n${name} works; look at ${warned.map(({ link }) => `"${link}"`).join(', ')}.\n${lines(warned.flatMap(({ mend = [] }) => mend))}`;
  }
  return `\n${name} works.\n`;
}
