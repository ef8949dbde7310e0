import type { Environment } from '@marcbachmann/cel-js';
import { registerComparisons } from './comparisons.ts';

const number = '(0|[1-9]\\d*)';
const identifier = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const pattern = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** A version as in Semantic Versioning 2.0.0. */
class Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];

  private constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  static tryParse(text: string): Version | undefined {
    const found = pattern.exec(text);
    if (!found) return undefined;
    return new Version(found.slice(1, 4).map(BigInt), found[4]?.split('.') ?? []);
  }

  compare(other: Version): number {
    for (const [index, own] of this.numbers.entries()) {
      const theirs = other.numbers[index] ?? 0n;
      if (own !== theirs) return own < theirs ? -1 : 1;
    }
    if (this.prerelease.length === 0 || other.prerelease.length === 0) {
      return Math.sign(other.prerelease.length - this.prerelease.length);
    }
    for (const [index, own] of this.prerelease.entries()) {
      const theirs = other.prerelease[index];
      if (theirs === undefined) return 1;
      const order = compareIdentifiers(own, theirs);
      if (order !== 0) return order;
    }
    return this.prerelease.length - other.prerelease.length < 0 ? -1 : 0;
  }
}

/** Numbers go before words. */
function compareIdentifiers(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x !== y) return x ? -1 : 1;
  if (x) return Math.sign(Number(BigInt(a) - BigInt(b)));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A version in full: without a `v` in front of it, and with all three numbers. */
function normalize(text: string): string {
  const [numbers = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest.join('');
}

/** Versions as packages have them. */
export function versions(environment: Environment): void {
  const tryParse = (text: string, lenient = false): Version | undefined =>
    Version.tryParse(lenient ? normalize(text) : text);
  const parse = (text: string, lenient = false): Version => {
    const found = tryParse(text, lenient);
    if (!found) throw new Error(`invalid semantic version: ${JSON.stringify(text)}`);
    return found;
  };
  environment
    .registerType('kubernetes.Semver', { ctor: Version, fields: {} })
    .registerFunction('isSemver(string): bool', (text: string) => tryParse(text) !== undefined)
    .registerFunction('isSemver(string, bool): bool', (text: string, lenient: boolean) => {
      return tryParse(text, lenient) !== undefined;
    })
    .registerFunction('semver(string): kubernetes.Semver', (text: string) => parse(text))
    .registerFunction('semver(string, bool): kubernetes.Semver', parse)
    .registerOperator('kubernetes.Semver == kubernetes.Semver', (a: Version, b: Version) => a.compare(b) === 0);
  registerComparisons<Version>(environment, 'kubernetes.Semver');
  for (const [index, name] of ['major', 'minor', 'patch'].entries()) {
    environment.registerFunction(`kubernetes.Semver.${name}(): int`, ({ numbers }: Version) => numbers[index]);
  }
}
