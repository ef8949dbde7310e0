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

/** `ip` is a name, too, of which a member is a function. */
class Addresses {}

/** An address in its shortest form. */
function canonical({ text }: Address): string {
  return isIPv4(text) ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** The address of a network as bits say it: what follows them is zero. */
function network({ address, bits }: Cidr): string {
  const all = bitsOf(address);
  const kept = all.slice(0, bits).padEnd(all.length, '0');
  const parts = kept.match(all.length === 32 ? /.{8}/g : /.{16}/g) ?? [];
  const numbers = parts.map((part) => Number.parseInt(part, 2));
  return all.length === 32 ? numbers.join('.') : numbers.map((part) => part.toString(16)).join(':');
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
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', ({ text }: Address) => /^224\.0\.0\.|^ff.2/i.test(text))
    .registerFunction('net.IP.isGlobalUnicast(): bool', (address: Address) => {
      const { text } = address;
      return !/^(?:127\.|169\.254\.|0\.0\.0\.0$|255\.255\.255\.255$|2(?:2[4-9]|3\d)\.|::1?$|fe[89ab]|ff)/i.test(text);
    })
    .registerFunction('string(net.IP): string', canonical)
    .registerType('net.IPs', { ctor: Addresses, fields: {} })
    .registerConstant('ip', 'net.IPs', new Addresses())
    .registerFunction('net.IPs.isCanonical(string): bool', (_: Addresses, text: string) => {
      return canonical(new Address(text)) === text;
    })
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
    .registerFunction(
      'net.CIDR.masked(): net.CIDR',
      (cidr: Cidr) => new Cidr(`${canonical(new Address(network(cidr)))}/${cidr.bits}`),
    )
    .registerFunction('string(net.CIDR): string', ({ address, bits }: Cidr) => `${canonical(address)}/${bits}`)
    .registerOperator(
      'net.CIDR == net.CIDR',
      (a: Cidr, b: Cidr) => a.bits === b.bits && bitsOf(a.address) === bitsOf(b.address),
    )
    .registerFunction('net.CIDR.prefixLength(): int', ({ bits }: Cidr) => BigInt(bits));
}
