/**
 * `resource.Quantity`: an exact decimal number with a suffix (API reference, "Quantity"; upstream:
 * apimachinery/pkg/api/resource). The value is `#digits * 10^#exponent`, with at most nine digits after the point: finer
 * parts are rounded up, as Kubernetes does.
 */
type Format = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const smallest = -9;
const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;

export class Quantity {
  /** In units of 10^-9. */
  readonly #nanos: bigint;
  readonly #format: Format;

  private constructor(nanos: bigint, format: Format) {
    this.#nanos = nanos;
    this.#format = format;
  }

  /** Reads `500m`, `1.5Gi`, `1e3`. Throws on anything else. */
  static parse(text: string | number): Quantity {
    const parsed = Quantity.tryParse(String(text));
    if (!parsed) {
      const rule = "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
      throw new Error(
        `quantity ${JSON.stringify(text)} is malformed: quantities must match the regular expression ${rule}`,
      );
    }
    return parsed;
  }

  /** Undefined where the text is no quantity. */
  static tryParse(text: string): Quantity | undefined {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [, sign, number = '', suffix = '', exponent] = match;
    const [whole = '', fraction = ''] = number.split('.');
    const digits = BigInt(whole + fraction || '0');
    let nanos: bigint;
    let format: Format = 'DecimalSI';
    if (suffix.endsWith('i')) {
      format = 'BinarySI';
      const scaled = digits << BigInt(10 * binarySuffixes.indexOf(suffix));
      nanos = scale(scaled, -fraction.length - smallest);
    } else {
      if (exponent !== undefined) format = 'DecimalExponent';
      const power = exponent === undefined ? 3 * (decimalSuffixes.indexOf(suffix) - 3) : Number(exponent);
      nanos = scale(digits, power - fraction.length - smallest);
    }
    return new Quantity(sign === '-' ? -nanos : nanos, format);
  }

  static readonly zero: Quantity = new Quantity(0n, 'DecimalSI');

  /** The sum; it keeps this one's format, or the other's where this one is zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.#nanos + other.#nanos, this.#nanos === 0n ? other.#format : this.#format);
  }

  subtract(other: Quantity): Quantity {
    return new Quantity(this.#nanos - other.#nanos, this.#nanos === 0n ? other.#format : this.#format);
  }

  /** Negative, zero or positive, as for `sort`. */
  compare(other: Quantity): number {
    return this.#nanos < other.#nanos ? -1 : this.#nanos > other.#nanos ? 1 : 0;
  }

  get isZero(): boolean {
    return this.#nanos === 0n;
  }

  get isNegative(): boolean {
    return this.#nanos < 0n;
  }

  /** In whole units (bytes, cores), rounded up. */
  toBigInt(): bigint {
    return scale(this.#nanos, smallest);
  }

  /** In thousandths (millicores), rounded up. */
  toMilli(): bigint {
    return scale(this.#nanos, smallest + 3);
  }

  toNumber(): number {
    return Number(this.#nanos) / 1e9;
  }

  /** The canonical form: the largest suffix that leaves a whole number, `1` for `1000m`, `1536Mi` for `1.5Gi`. */
  toString(): string {
    const negative = this.#nanos < 0n;
    const nanos = negative ? -this.#nanos : this.#nanos;
    const text = nanos === 0n ? '0' : this.#format === 'BinarySI' ? (binary(nanos) ?? decimal(nanos)) : undefined;
    const written = text ?? (this.#format === 'DecimalExponent' ? exponential(nanos) : decimal(nanos));
    return negative ? `-${written}` : written;
  }
}

/** Times a power of ten; what does not fit is rounded away from zero. */
function scale(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** Undefined below 1,024 and where the number is not whole: those are written as decimals. */
function binary(nanos: bigint): string | undefined {
  const one = 10n ** 9n;
  if (nanos % one !== 0n || nanos < 1024n * one) return undefined;
  let value = nanos / one;
  let suffix = 0;
  while (value % 1024n === 0n && suffix < binarySuffixes.length - 1) {
    value /= 1024n;
    suffix++;
  }
  return `${value}${binarySuffixes[suffix]}`;
}

/** The digits and the largest power of ten, a multiple of three, that leaves them whole. */
function byThousands(nanos: bigint, most: number): { digits: bigint; power: number } {
  let digits = nanos;
  let power = smallest;
  while (digits % 1000n === 0n && power < most) {
    digits /= 1000n;
    power += 3;
  }
  return { digits, power };
}

function decimal(nanos: bigint): string {
  const { digits, power } = byThousands(nanos, 18);
  return `${digits}${decimalSuffixes[power / 3 + 3]}`;
}

function exponential(nanos: bigint): string {
  const { digits, power } = byThousands(nanos, Number.POSITIVE_INFINITY);
  return power === 0 ? `${digits}` : `${digits}e${power}`;
}
