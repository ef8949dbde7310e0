/** The messages of SOCKS5 that a server without authentication needs (RFC 1928). */

const VERSION = 5;
const CONNECT = 1;

/** Replies, by name. */
export const replies = {
  succeeded: 0,
  failure: 1,
  networkUnreachable: 3,
  hostUnreachable: 4,
  refused: 5,
  commandNotSupported: 7,
  addressNotSupported: 8,
} as const;

export type Reply = keyof typeof replies;

/** What was read from the front of the bytes so far: `bytes` of them; or that there are too few, or that it is no SOCKS5. */
export type Parsed<T> =
  | { readonly type: 'read'; readonly value: T; readonly bytes: number }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid'; readonly reply?: Reply };

const incomplete = { type: 'incomplete' } as const;

/** The client's first message; its value is whether it can do without authentication. */
export function parseGreeting(data: Buffer): Parsed<boolean> {
  if (data.length < 2) return incomplete;
  if (data[0] !== VERSION) return { type: 'invalid' };
  const bytes = 2 + (data[1] ?? 0);
  if (data.length < bytes) return incomplete;
  return { type: 'read', value: data.subarray(2, bytes).includes(0), bytes };
}

/** Where the client wants to be connected to: an IPv4 address or a name. */
export function parseRequest(data: Buffer): Parsed<{ host: string; port: number }> {
  if (data.length < 5) return incomplete;
  const [version, command, , addressType, length = 0] = data;
  if (version !== VERSION) return { type: 'invalid' };
  if (command !== CONNECT) return { type: 'invalid', reply: 'commandNotSupported' };
  if (addressType !== 1 && addressType !== 3) return { type: 'invalid', reply: 'addressNotSupported' };
  const [from, to] = addressType === 1 ? [4, 8] : [5, 5 + length];
  if (data.length < to + 2) return incomplete;
  const address = data.subarray(from, to);
  const host = addressType === 1 ? address.join('.') : address.toString('latin1');
  return { type: 'read', value: { host, port: data.readUInt16BE(to) }, bytes: to + 2 };
}

/** The answer to a greeting: the method "no authentication", or none at all. */
export function greetingAnswer(accepted: boolean): Buffer {
  return Buffer.from([VERSION, accepted ? 0 : 0xff]);
}

export function replyMessage(reply: Reply): Buffer {
  return Buffer.from([VERSION, replies[reply], 0, 1, 0, 0, 0, 0, 0, 0]);
}
