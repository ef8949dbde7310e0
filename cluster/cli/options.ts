import { parseArgs } from 'node:util';
import { DataFolder } from '../data-folder.ts';

/** A command line that can't be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flags = {
  name: { type: 'string', default: 'default' },
  'data-dir': { type: 'string' },
  nodes: { type: 'string' },
  'api-port': { type: 'string' },
  'no-merge-kubeconfig': { type: 'boolean', default: false },
  sample: { type: 'boolean', default: false },
  network: { type: 'string', default: 'auto' },
  proxy: { type: 'string', default: 'auto' },
  runtime: { type: 'string', default: 'auto' },
  port: { type: 'string', default: '1080' },
  'image-fallback': { type: 'string', default: 'host' },
} as const;

export type FlagName = keyof typeof flags;

/** The flags of every command, checked. */
export interface Options {
  readonly name: string;
  readonly folder: DataFolder;
  /** Absent: as many as the cluster had last. */
  readonly nodes?: number;
  readonly apiPort: number | undefined;
  readonly mergeKubeconfig: boolean;
  readonly sample: boolean;
  readonly network: 'auto' | 'own' | 'host';
  readonly proxy: 'auto' | 'nftables' | 'userspace';
  readonly runtime: 'auto' | 'crun' | 'namespaces';
  readonly imageFallback: 'host' | 'none';
  /** Where a proxy listens; 0 is any free one. */
  readonly port: number;
  /** What is no flag, in order. */
  readonly operands: readonly string[];
  /** What follows `--`: a command line of its own. */
  readonly command: readonly string[];
}

/** Reads the flags and operands that a command takes. Throws {@link UsageError}. */
export function parseOptions(
  args: readonly string[],
  taken: { flags: readonly FlagName[]; operands: boolean },
): Options {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const { values, positionals } = parse(args.slice(0, end), taken);
  const name = values.name ?? 'default';
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new UsageError(`--name "${name}" must be lower-case letters, digits and dashes, at most 40`);
  }
  const dataDir = values['data-dir'];
  return {
    name,
    folder: dataDir ? new DataFolder(dataDir) : DataFolder.named(name),
    ...(values.nodes !== undefined && { nodes: whole('--nodes', values.nodes, 250) }),
    apiPort: values['api-port'] === undefined ? undefined : whole('--api-port', values['api-port'], 65535),
    mergeKubeconfig: !values['no-merge-kubeconfig'],
    sample: values.sample ?? false,
    proxy: oneOf('--proxy', values.proxy, ['auto', 'nftables', 'userspace']),
    network: oneOf('--network', values.network, ['auto', 'own', 'host']),
    runtime: oneOf('--runtime', values.runtime, ['auto', 'crun', 'namespaces']),
    imageFallback: oneOf('--image-fallback', values['image-fallback'], ['host', 'none']),
    port: whole('--port', values.port ?? '1080', 65535),
    operands: positionals,
    command: args.slice(end + 1),
  };
}

function parse(args: readonly string[], taken: { flags: readonly FlagName[]; operands: boolean }) {
  try {
    const allowPositionals = taken.operands;
    const parsed = parseArgs({ args: [...args], options: flags, strict: true, tokens: true, allowPositionals });
    for (const token of parsed.tokens) {
      if (token.kind === 'option' && !taken.flags.some((name) => name === token.name)) {
        throw new UsageError(`this command takes no ${token.rawName}`);
      }
    }
    return parsed;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message); // parseArgs throws TypeErrors
  }
}

function whole(flag: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most)
    throw new UsageError(`${flag} "${text}" must be a number from 0 to ${most}`);
  return number;
}

function oneOf<const Value extends string>(flag: string, text: string | undefined, values: readonly Value[]): Value {
  const found = values.find((value) => value === (text ?? values[0]));
  if (found === undefined) throw new UsageError(`${flag} "${text}" must be one of ${values.join(', ')}`);
  return found;
}
