/** One flag of a command, as pflag knows them. */
export interface FlagSpec {
  readonly type: 'text' | 'bool' | 'list';
  /** One letter: `-o`. */
  readonly short?: string;
  /** What the flag means when it is given without `=value`: `--dry-run`. */
  readonly implied?: string;
  readonly default?: string | boolean;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

type ValueOf<Spec extends FlagSpec> = Spec['type'] extends 'bool'
  ? boolean
  : Spec['type'] extends 'list'
    ? string[]
    : Spec extends { default: string }
      ? string
      : string | undefined;

export type FlagValues<Specs extends FlagSpecs> = { [Name in keyof Specs]: ValueOf<Specs[Name]> };

/** A command line after it was understood. */
export interface Parsed<Specs extends FlagSpecs> {
  readonly flags: FlagValues<Specs>;
  /** What is no flag, in order. */
  readonly args: string[];
  /** How many of `args` came before `--`; undefined where there was none. */
  readonly dash: number | undefined;
  /** The flags that were given. */
  readonly given: ReadonlySet<string>;
}

export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** The kinds of flags, for tables of them: `{ output: text('o'), watch: bool('w') }`. */
export const text = <const Default extends string | undefined = undefined>(short?: string, preset?: Default) =>
  ({ type: 'text', ...(short && { short }), ...(preset !== undefined && { default: preset }) }) as {
    type: 'text';
    short?: string;
  } & (Default extends string ? { default: Default } : unknown); // what the spread makes
export const bool = (short?: string, preset = false) =>
  ({ type: 'bool', default: preset, ...(short && { short }) }) as const;
export const list = (short?: string) => ({ type: 'list', ...(short && { short }) }) as const;
export const implied = <const Default extends string>(value: string, preset: Default) =>
  ({ type: 'text', implied: value, default: preset }) as const;

/**
 * Reads flags as kubectl's parser does: `--name=value`, `--name value`, `-ovalue`, `-o value`, `-o=value`, `-it`, booleans as
 * `--name` or `--name=false`, and nothing after `--`. Flags and arguments may be mixed. Throws {@link FlagError}.
 */
export function parseFlags<Specs extends FlagSpecs>(
  argv: readonly string[],
  specs: Specs,
  { interspersed = true }: { interspersed?: boolean } = {},
): Parsed<Specs> {
  const values = new Map<string, string | boolean | string[]>();
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.default !== undefined) values.set(name, spec.default);
    else if (spec.type === 'list') values.set(name, []);
  }
  const shorts = new Map(Object.entries(specs).flatMap(([name, { short }]) => (short ? [[short, name] as const] : [])));
  const given = new Set<string>();
  const args: string[] = [];
  let dash: number | undefined;
  const rest = [...argv];

  const set = (name: string, value: string | undefined, written: string): void => {
    const spec = specs[name];
    if (!spec) throw new FlagError(`unknown flag: ${written}`);
    const first = !given.has(name);
    given.add(name);
    if (spec.type === 'bool') {
      const truth = value === undefined ? true : truthOf(value);
      if (truth === undefined)
        throw new FlagError(
          `invalid argument ${JSON.stringify(value)} for "${written}" flag: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
        );
      values.set(name, truth);
      return;
    }
    const taken = value ?? spec.implied ?? rest.shift();
    if (taken === undefined) throw new FlagError(`flag needs an argument: ${written}`);
    if (spec.type === 'text') values.set(name, taken);
    else {
      const before = values.get(name);
      values.set(name, [...(first || !Array.isArray(before) ? [] : before), taken]);
    }
  };

  const setShorts = (cluster: string): void => {
    for (let at = 0; at < cluster.length; at++) {
      const letter = cluster[at] ?? '';
      const name = shorts.get(letter);
      if (name === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in -${cluster}`);
      const after = cluster.slice(at + 1);
      const spec = specs[name];
      if (spec && !after.startsWith('=') && (spec.type === 'bool' || spec.implied !== undefined)) {
        set(name, undefined, `--${name}`);
        continue;
      }
      const value = after.startsWith('=') ? after.slice(1) : after;
      set(name, value === '' ? undefined : value, `'${letter}' in -${cluster}`);
      return;
    }
  };

  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      dash = args.length;
      args.push(...rest.splice(0));
    } else if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      set(name, equals < 0 ? undefined : arg.slice(equals + 1), `--${name}`);
    } else if (arg.startsWith('-') && arg !== '-') setShorts(arg.slice(1));
    else {
      args.push(arg);
      if (!interspersed) args.push(...rest.splice(0));
    }
  }
  // Each value was set by its flag's type.
  return { flags: Object.fromEntries(values) as FlagValues<Specs>, args, dash, given };
}

function truthOf(value: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(value) ? false : undefined;
}
