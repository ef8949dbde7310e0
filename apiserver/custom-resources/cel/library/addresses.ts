import { isIPv4, isIPv6 } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';
import { stringFormats } from '../../schema/formats.ts';

class Address {
  readonly text: string;
  constructor(text: string) {
    if (!isIPv4(text) && !isIPv6(text)) throw new Error(`IP Address ${JSON.stringify(text)} parse error`);
    this.text = text;
  }
}

class Cidr {
  readonly address: Address;
  readonly bits: number;
  constructor(text: string) {
    if (!stringFormats['cidr']?.(text)) throw new Error(`network address parse error: ${JSON.stringify(text)}`);
    const [address = '', bits = ''] = text.split('/');
    this.address = new Address(address);
    this.bits = Number(bits);
  }
}

/** The bits of an address, as a text of zeros and ones. */
function bitsOf({ text }: Address): string {
  if (isIPv4(text))
    return text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

const inside = (address: Address, { address: network, bits }: Cidr): boolean =>
  isIPv4(address.text) === isIPv4(network.text) && bitsOf(address).slice(0, bits) === bitsOf(network).slice(0, bits);
const family = ({ text }: Address): bigint => (isIPv4(text) ? 4n : 6n);

/** IP addresses and networks. */
export function addresses(environment: Environment): void {
  const within = (cidr: Cidr, other: Cidr): boolean => other.bits >= cidr.bits && inside(other.address, cidr);
  environment
    .registerType('net.IP', { ctor: Address, fields: {} })
    .registerType('net.CIDR', { ctor: Cidr, fields: {} })
    .registerFunction('isIP(string): bool', (text: string) => isIPv4(text) || isIPv6(text))
    .registerFunction('ip(string): net.IP', (text: string) => new Address(text))
    .registerFunction('net.IP.family(): int', family)
    .registerFunction('net.IP.isLoopback(): bool', ({ text }: Address) => text.startsWith('127.') || text === '::1')
    .registerFunction('net.IP.isUnspecified(): bool', ({ text }: Address) => text === '0.0.0.0' || text === '::')
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', ({ text }: Address) => /^169\.254\.|^fe[89ab]/i.test(text))
    .registerFunction('net.IP.isGlobalUnicast(): bool', (address: Address) => {
      const { text } = address;
      return !/^(?:127\.|169\.254\.|0\.0\.0\.0$|255\.255\.255\.255$|2(?:2[4-9]|3\d)\.|::1?$|fe[89ab]|ff)/i.test(text);
    })
    .registerFunction('string(net.IP): string', ({ text }: Address) => text)
    .registerOperator('net.IP == net.IP', (a: Address, b: Address) => bitsOf(a) === bitsOf(b))
    .registerFunction('isCIDR(string): bool', (text: string) => stringFormats['cidr']?.(text) ?? false)
    .registerFunction('cidr(string): net.CIDR', (text: string) => new Cidr(text))
    .registerFunction('net.CIDR.containsIP(string): bool', (cidr: Cidr, text: string) =>
      inside(new Address(text), cidr),
    )
    .registerFunction('net.CIDR.containsIP(net.IP): bool', (cidr: Cidr, address: Address) => inside(address, cidr))
    .registerFunction('net.CIDR.containsCIDR(string): bool', (cidr: Cidr, text: string) => within(cidr, new Cidr(text)))
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', within)
    .registerFunction('net.CIDR.ip(): net.IP', ({ address }: Cidr) => address)
    .registerFunction('net.CIDR.prefixLength(): int', ({ bits }: Cidr) => BigInt(bits));
}
