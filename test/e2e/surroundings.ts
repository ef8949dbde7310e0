import type { Surroundings } from './cluster-under-test.ts';

const root = process.getuid?.() === 0;

/** Where clusters must work: for root and for an ordinary user, with and without the programs that are better to have. */
export const allSurroundings: readonly Surroundings[] = [
  ...(root ? [{ user: 'self' } as const, { user: 'self', without: ['crun'] } as const] : []),
  { user: 'ordinary' },
  { user: 'ordinary', without: ['nft', 'conntrack', 'crun'] },
];

export function nameOf({ user, without = [] }: Surroundings): string {
  const who = root && user === 'self' ? 'root' : 'an ordinary user';
  return without.length === 0 ? `${who}, with all programs` : `${who}, without ${without.join(' and ')}`;
}
