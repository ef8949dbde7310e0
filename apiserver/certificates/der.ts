/** Writes ASN.1 in its distinguished encoding (ITU-T X.690): what a certificate is made of, and no more. */

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  if (content.length > 0xffff) throw new RangeError(`${content.length} bytes are no certificate`);
  // In as few bytes as will do: Go's parser refuses more, where OpenSSL does not mind.
  const length =
    content.length > 0xff ? Buffer.of(content.length >> 8, content.length & 0xff) : Buffer.of(content.length);
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts);
export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.of(value ? 0xff : 0));
/** Of big-endian bytes, the first of them from 1 to 127: a positive number without leading zeros. */
export const integer = (bytes: Uint8Array): Buffer => tagged(0x02, bytes);
export const octets = (bytes: Uint8Array): Buffer => tagged(0x04, bytes);
export const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value));
/** `unused` counts the bits of the last byte that mean nothing. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => tagged(0x03, Buffer.of(unused), bytes);
/** `[n] EXPLICIT`, which wraps a whole value. */
export const explicit = (n: number, value: Uint8Array): Buffer => tagged(0xa0 | n, value);
/** `[n] IMPLICIT` of a primitive type, whose bytes it takes over. */
export const implicit = (n: number, bytes: Uint8Array): Buffer => tagged(0x80 | n, bytes);

/** An object identifier, as `2.5.4.3`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/\.\d+|[-:T]/g, '')}`;
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}
