/** Bytes that are no protobuf message. */
export class MalformedProtobuf extends Error {
  override readonly name = 'MalformedProtobuf';
}

/** One field of a message as it is on the wire: a number, or the bytes of something longer. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/** Reads the fields of a message, in the order in which they come (protobuf.dev, "Encoding"). Throws {@link MalformedProtobuf}. */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const readVarint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new MalformedProtobuf('a number ends too early');
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw new MalformedProtobuf('a number is too long');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new MalformedProtobuf('a field ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(readVarint());
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) throw new MalformedProtobuf('a field has no number');
    if (type === varint) yield { number, value: readVarint() };
    else if (type === fixed64) yield { number, value: take(8) };
    else if (type === delimited) yield { number, value: take(Number(readVarint())) };
    else if (type === fixed32) yield { number, value: take(4) };
    else throw new MalformedProtobuf(`a field has the unknown wire type ${type}`);
  }
}

/** The last value of a field that is a text or a message, empty where there is none. */
export function bytesOf(bytes: Uint8Array, number: number): Uint8Array {
  let found = new Uint8Array();
  for (const field of wireFields(bytes)) {
    if (field.number === number && typeof field.value !== 'bigint') found = Uint8Array.from(field.value);
  }
  return found;
}

/** The last value of a field that is a whole number; zero where there is none. */
export function integerOf(bytes: Uint8Array, number: number): number {
  let found = 0n;
  for (const field of wireFields(bytes))
    if (field.number === number && typeof field.value === 'bigint') found = field.value;
  return toInteger(found);
}

/** Negative numbers come as their two's complement in 64 bits. */
export const toInteger = (value: bigint): number => Number(BigInt.asIntN(64, value));
export const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
