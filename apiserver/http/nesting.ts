import { badRequest, type StatusError } from '@skiff/api/status';

/**
 * Bodies whose values are nested deeper are refused before they are parsed: what walks objects does so by recursion, and parsers
 * are slow at such texts. kube-apiserver's decoder stops at 10,000; no object of a kind is nested deeper than some dozens.
 */
export const maxNesting = 500;

export const tooDeep = (): StatusError =>
  badRequest(`exceeded max depth: the body is nested deeper than ${maxNesting} levels`);

const quote = 0x22;
const backslash = 0x5c;

/** The index after the string that begins at a quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
  return at + 1;
}

/** Throws 400 for JSON that is nested too deeply. */
export function checkJsonNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxNesting) throw tooDeep();
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
}
