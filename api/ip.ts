import { isIPv4, isIPv6 } from 'node:net';

/** The family of an address: `IPv4` or `IPv6`; undefined where it is none. Leading zeros make it none. */
export function ipFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  if (isIPv4(text)) return 'IPv4';
  return isIPv6(text) && !text.includes('%') ? 'IPv6' : undefined;
}

/** What is wrong with an address, in Kubernetes' words. */
export function ipAddress(text: string): string[] {
  if (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(text)) return ['must not be an IPv4-mapped IPv6 address'];
  if (ipFamily(text)) return [];
  const sloppy = /^\d+\.\d+\.\d+\.\d+$/.test(text) && text.split('.').every((part) => Number(part) < 256);
  return [sloppy ? 'must not have leading 0s' : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
}

/** An IPv4 address as a number. */
export function ipv4ToNumber(text: string): number {
  return text.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

export function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** A range of IPv4 addresses: the first, and how many. */
export interface Ipv4Range {
  readonly first: number;
  readonly size: number;
}

/** Reads `10.96.0.0/16`; undefined where it is no IPv4 range. */
export function parseIpv4Range(cidr: string): Ipv4Range | undefined {
  const [base = '', bits = ''] = cidr.split('/');
  if (!isIPv4(base) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  return { first: Math.floor(ipv4ToNumber(base) / size) * size, size };
}

/** Whether an IPv4 address lies in a range. */
export function isInRange(address: string, range: Ipv4Range): boolean {
  if (!isIPv4(address)) return false;
  const offset = ipv4ToNumber(address) - range.first;
  return offset >= 0 && offset < range.size;
}

/** What is wrong with a range of addresses, in Kubernetes' words. */
export function cidr(text: string): string[] {
  const [base = '', bits = '', ...rest] = text.split('/');
  const family = ipFamily(base);
  const valid = family && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'IPv4' ? 32 : 128);
  if (!valid) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
  const range = parseIpv4Range(text);
  return range && ipv4ToNumber(base) !== range.first ? ['must not have bits set beyond the prefix length'] : [];
}

/** The bits of an address, 32 or 128 of them. */
function bitsOf(address: string): bigint {
  if (isIPv4(address)) return BigInt(ipv4ToNumber(address));
  const [head = '', tail] = address.replace(/(\d+\.\d+\.\d+\.\d+)$/, hexOfIpv4).split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const middle = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...middle, ...last].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group || '0'}`), 0n);
}

function hexOfIpv4(address: string): string {
  const value = ipv4ToNumber(address);
  return `${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`;
}

/** Whether a range lies in another one and is smaller than that. Both must be valid. */
export function isSubnet(inner: string, outer: string): boolean {
  const [innerBase = '', innerLength = ''] = inner.split('/');
  const [outerBase = '', outerLength = ''] = outer.split('/');
  const family = ipFamily(outerBase);
  if (ipFamily(innerBase) !== family || Number(innerLength) <= Number(outerLength)) return false;
  const rest = BigInt((family === 'IPv4' ? 32 : 128) - Number(outerLength));
  return bitsOf(innerBase) >> rest === bitsOf(outerBase) >> rest;
}
