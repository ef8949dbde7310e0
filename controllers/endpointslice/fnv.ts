const offset = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x0000000001000000000000000000013bn;
const mask = (1n << 128n) - 1n;

/** The 128-bit FNV-1a hash of a text in UTF-8 (RFC 9923). */
export function fnv1a128(text: string): bigint {
  let hash = offset;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask;
  return hash;
}
