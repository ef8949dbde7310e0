import { randomInt } from 'node:crypto';

/** No vowels and no digits that look like them, so that no word comes out (upstream: apimachinery rand.String). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** The longest name of a generated kind is a label's, 63 characters. */
const maxBase = 63 - suffixLength;

/** A name for an object that has only `metadata.generateName`. It may be taken: then try again. */
export function generatedName(base: string): string {
  let suffix = '';
  for (let index = 0; index < suffixLength; index++) suffix += alphabet[randomInt(alphabet.length)];
  return base.slice(0, maxBase) + suffix;
}
