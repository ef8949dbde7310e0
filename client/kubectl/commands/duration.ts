import { CommandError } from '../failure.ts';

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** Seconds of a Go duration: `30s`, `1m30s`, `2h`; a bare number is taken for seconds. Throws on anything else. */
export function secondsOf(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  const match = /^(-?)((?:\d+(?:\.\d+)?(?:ms|s|m|h))+)$/.exec(text);
  if (!match) throw new CommandError(`invalid duration ${JSON.stringify(text)}: write it as 30s, 5m or 2h`);
  const parts = [...(match[2] ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? 's'] ?? 1), 0);
  return match[1] === '-' ? -total : total;
}
