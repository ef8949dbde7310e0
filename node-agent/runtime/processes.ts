import { readdirSync, readFileSync } from 'node:fs';

/** All that are not zombies. */
export function processes(): { pid: number; line: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return line === '' ? [] : { pid: Number(entry), line };
      } catch {
        return [];
      }
    });
}

export const commandLines = (): string[] => processes().map(({ line }) => line);
