import type { Listener } from './world.ts';

/** The state of a TCP socket that listens, and of a UDP socket that is bound (Linux: net/tcp_states.h). */
const listens = '0A';
const bound = '07';

/** Reads what /proc/net/tcp, tcp6, udp and udp6 show, one after the other, each with its line of titles. */
export function parseSockets(text: string): Listener[] {
  const found: Listener[] = [];
  let protocol: 'TCP' | 'UDP' | undefined;
  for (const line of text.split('\n')) {
    // The titles of udp have `drops` at their end.
    if (line.includes('local_address')) protocol = line.includes('drops') ? 'UDP' : 'TCP';
    const match = /^\s*\d+:\s+([0-9A-F]+):([0-9A-F]{4})\s+[0-9A-F]+:([0-9A-F]{4})\s+([0-9A-F]{2})\s/.exec(line);
    if (!match || !protocol) continue;
    const [, address = '', port = '', remotePort = '', state = ''] = match;
    const isOpen = protocol === 'TCP' ? state === listens : state === bound && remotePort === '0000';
    if (isOpen) found.push({ protocol, address: addressOf(address), port: Number.parseInt(port, 16) });
  }
  return found;
}

/** The kernel shows each 32 bits as it has them in memory: the bytes of a little-endian machine are reversed. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  if (numbers.length === 4) return numbers.join('.');
  const mapped = numbers.slice(0, 10).every((byte) => byte === 0) && numbers[10] === 255 && numbers[11] === 255;
  if (mapped) return numbers.slice(12).join('.');
  if (numbers.every((byte) => byte === 0)) return '::';
  if (numbers.slice(0, 15).every((byte) => byte === 0) && numbers[15] === 1) return '::1';
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((numbers[2 * at] ?? 0) << 8) | (numbers[2 * at + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}
