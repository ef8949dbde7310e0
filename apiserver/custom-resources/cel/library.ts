import { isIPv4, isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '@marcbachmann/cel-js';
import { Quantity } from '@skiff/api/quantity';
import { stringFormats } from '../schema/formats.ts';
import { patternOf } from '../schema/pattern.ts';

/**
 * What Kubernetes adds to CEL (Kubernetes documentation, "Kubernetes CEL libraries"): lists, regular expressions, URLs, addresses,
 * quantities, sets, maths, and the strings library. Numbers are bigints, doubles are numbers.
 */
export function registerLibrary(environment: Environment): void {
  lists(environment);
  strings(environment);
  urls(environment);
  addresses(environment);
  quantities(environment);
  namespaces(environment);
}

type Comparable = bigint | number | string | boolean | Date;
const less = (a: Comparable, b: Comparable): boolean => a < b;
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
const iterate = <T>(list: Iterable<T>): T[] => [...list];

function first<T>(list: readonly T[], name: string): T {
  const [value] = list;
  if (value === undefined) throw new Error(`${name} called on empty list`);
  return value;
}

function lists(environment: Environment): void {
  environment
    .registerFunction('list<int>.sum(): int', (list: Iterable<bigint>) => iterate(list).reduce((a, b) => a + b, 0n))
    .registerFunction('list<double>.sum(): double', (list: Iterable<number>) =>
      iterate(list).reduce((a, b) => a + b, 0),
    )
    .registerFunction('list<T>.min(): T', (list: Iterable<Comparable>) =>
      iterate(list).reduce((a, b) => (less(b, a) ? b : a), first(iterate(list), 'min')),
    )
    .registerFunction('list<T>.max(): T', (list: Iterable<Comparable>) =>
      iterate(list).reduce((a, b) => (less(a, b) ? b : a), first(iterate(list), 'max')),
    )
    .registerFunction('list<T>.isSorted(): bool', (list: Iterable<Comparable>) =>
      iterate(list).every((value, index, all) => {
        const before = all[index - 1];
        return before === undefined || !less(value, before);
      }),
    )
    .registerFunction('list<T>.indexOf(T): int', (list: Iterable<unknown>, wanted: unknown) =>
      BigInt(iterate(list).findIndex((value) => same(value, wanted))),
    )
    .registerFunction('list<T>.lastIndexOf(T): int', (list: Iterable<unknown>, wanted: unknown) =>
      BigInt(iterate(list).findLastIndex((value) => same(value, wanted))),
    )
    .registerFunction('list<T>.reverse(): list<T>', (list: Iterable<unknown>) => iterate(list).reverse())
    .registerFunction('list<T>.distinct(): list<T>', (list: Iterable<unknown>) =>
      iterate(list).filter((value, index, all) => all.findIndex((other) => same(other, value)) === index),
    )
    .registerFunction('list<T>.sort(): list<T>', (list: Iterable<Comparable>) =>
      iterate(list).sort((a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : 0)),
    )
    .registerFunction('list<T>.slice(int, int): list<T>', (list: Iterable<unknown>, from: bigint, to: bigint) =>
      iterate(list).slice(Number(from), Number(to)),
    );
}

function expression(text: string): RegExp {
  const found = patternOf(text);
  if (!found) throw new Error(`error parsing regexp: ${text}`);
  return found;
}

function strings(environment: Environment): void {
  const find = (text: string, pattern: string): string => expression(pattern).exec(text)?.[0] ?? '';
  const findAll = (text: string, pattern: string, limit = -1n): string[] => {
    const { source, flags } = expression(pattern);
    const found = [...text.matchAll(new RegExp(source, `${flags}g`))].map(([match]) => match);
    return limit < 0n ? found : found.slice(0, Number(limit));
  };
  const replace = (text: string, from: string, to: string, limit = -1n): string => {
    if (limit < 0n) return text.replaceAll(from, () => to);
    let result = text;
    let at = 0;
    for (let count = 0n; count < limit; count++) {
      const found = result.indexOf(from, at);
      if (found < 0) break;
      result = result.slice(0, found) + to + result.slice(found + from.length);
      at = found + to.length;
    }
    return result;
  };
  environment
    .registerFunction('string.find(string): string', find)
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern))
    .registerFunction('string.findAll(string, int): list<string>', findAll)
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      replace(text, from, to),
    )
    .registerFunction('string.replace(string, string, int): string', replace)
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => [...text][Number(at)] ?? '')
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list<dyn>): string', format);
}

/** `"%s is %d".format([a, b])`, of CEL's strings library. */
function format(template: string, values: Iterable<unknown>): string {
  const rest = iterate(values);
  return template.replace(/%(?:\.(\d+))?([sdfexXob%])/g, (_whole, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (rest.length === 0) throw new Error('index out of range in format');
    const value = rest.shift();
    switch (verb) {
      case 'f':
        return Number(value).toFixed(Number(digits ?? 6));
      case 'e':
        return Number(value).toExponential(Number(digits ?? 6));
      case 'x':
        return typeof value === 'bigint' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
      case 'X':
        return typeof value === 'bigint'
          ? value.toString(16).toUpperCase()
          : Buffer.from(String(value)).toString('hex');
      case 'o':
        return typeof value === 'bigint' ? value.toString(8) : String(value);
      case 'b':
        return typeof value === 'bigint' ? value.toString(2) : String(value);
      default:
        return shown(value);
    }
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, member]) => `${shown(key)}: ${shown(member)}`).join(', ')}}`;
  return value instanceof Date ? value.toISOString() : String(value);
}

/** A value of a type that only the functions of its library can look into. */
class Url extends URL {}

function urls(environment: Environment): void {
  const absolute = (text: string): boolean => text.startsWith('/') || URL.canParse(text);
  environment
    .registerType('kubernetes.URL', { ctor: Url, fields: {} })
    .registerFunction('isURL(string): bool', absolute)
    .registerFunction('url(string): kubernetes.URL', (text: string) => {
      if (!absolute(text)) throw new Error(`URL parse error during conversion from string: ${text}`);
      return text.startsWith('/') ? new Url(text, 'none://') : new Url(text);
    })
    .registerFunction('kubernetes.URL.getScheme(): string', ({ protocol }: Url) =>
      protocol === 'none:' ? '' : protocol.slice(0, -1),
    )
    .registerFunction('kubernetes.URL.getHost(): string', ({ host }: Url) => host)
    .registerFunction('kubernetes.URL.getHostname(): string', ({ hostname }: Url) => hostname.replace(/^\[|\]$/g, ''))
    .registerFunction('kubernetes.URL.getPort(): string', ({ port }: Url) => port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ pathname }: Url) => pathname)
    .registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', ({ searchParams }: Url) => {
      return new Map([...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)]));
    });
}

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

function addresses(environment: Environment): void {
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

function quantities(environment: Environment): void {
  const parse = (text: string): Quantity => {
    const found = Quantity.tryParse(text);
    if (!found) throw new Error(`quantities must match the regular expression, got ${JSON.stringify(text)}`);
    return found;
  };
  environment
    .registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} })
    .registerFunction('isQuantity(string): bool', (text: string) => Quantity.tryParse(text) !== undefined)
    .registerFunction('quantity(string): kubernetes.Quantity', parse)
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => a.compare(b) > 0,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: Quantity, b: Quantity) => a.compare(b) < 0,
    )
    .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) =>
      BigInt(Math.sign(a.compare(b))),
    )
    .registerOperator('kubernetes.Quantity == kubernetes.Quantity', (a: Quantity, b: Quantity) => a.compare(b) === 0);
}

/** `sets` and `math` are names whose members are functions. */
class Sets {}
class Maths {}

function namespaces(environment: Environment): void {
  const contains = (list: Iterable<unknown>, parts: Iterable<unknown>): boolean => {
    const all = iterate(list);
    return iterate(parts).every((part) => all.some((value) => same(value, part)));
  };
  environment
    .registerType('kubernetes.Sets', { ctor: Sets, fields: {} })
    .registerConstant('sets', 'kubernetes.Sets', new Sets())
    .registerFunction('kubernetes.Sets.contains(list<T>, list<T>): bool', (_: Sets, a: unknown[], b: unknown[]) =>
      contains(a, b),
    )
    .registerFunction(
      'kubernetes.Sets.equivalent(list<T>, list<T>): bool',
      (_: Sets, a: unknown[], b: unknown[]) => contains(a, b) && contains(b, a),
    )
    .registerFunction('kubernetes.Sets.intersects(list<T>, list<T>): bool', (_: Sets, a: unknown[], b: unknown[]) =>
      iterate(a).some((value) => iterate(b).some((other) => same(value, other))),
    )
    .registerType('kubernetes.Math', { ctor: Maths, fields: {} })
    .registerConstant('math', 'kubernetes.Math', new Maths());
  for (const [name, pick] of [
    ['greatest', (a: Comparable, b: Comparable) => (less(a, b) ? b : a)],
    ['least', (a: Comparable, b: Comparable) => (less(b, a) ? b : a)],
  ] as const) {
    environment
      .registerFunction(`kubernetes.Math.${name}(T, T): T`, (_: Maths, a: Comparable, b: Comparable) => pick(a, b))
      .registerFunction(`kubernetes.Math.${name}(list<T>): T`, (_: Maths, list: Comparable[]) =>
        iterate(list).reduce(pick, first(iterate(list), name)),
      );
  }
}
