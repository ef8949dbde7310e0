import { type FlagName, type Options, parseOptions, UsageError } from './options.ts';

interface Command {
  readonly summary: string;
  readonly flags: readonly FlagName[];
  /** What it takes besides flags, as the usage shows it. */
  readonly operands?: string;
  /** Resolves with the exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** A command that reads its flags itself. */
interface RawCommand {
  readonly summary: string;
  /** Its flags, as the usage shows them. */
  readonly usage: string;
  readonly runArgs: (args: readonly string[]) => Promise<number>;
}

const deleteCommand: Command = {
  summary: 'end it and remove its state',
  flags: ['name', 'data-dir'],
  run: async (options) => (await import('./delete.ts')).deleteCluster(options),
};

const commands: Readonly<Record<string, Command | RawCommand>> = {
  up: {
    summary: 'start a cluster, or say that it is up',
    flags: [
      'name',
      'data-dir',
      'nodes',
      'api-port',
      'no-merge-kubeconfig',
      'sample',
      'network',
      'proxy',
      'runtime',
      'image-fallback',
    ],
    run: async (options) => (await import('./up.ts')).up(options),
  },
  down: {
    summary: 'end it; its state stays',
    flags: ['name', 'data-dir'],
    run: async (options) => (await import('./down.ts')).down(options),
  },
  delete: deleteCommand,
  status: {
    summary: 'say what is running',
    flags: ['name', 'data-dir'],
    run: async (options) => (await import('./status.ts')).status(options),
  },
  node: {
    summary: 'show the nodes, add one, stop one as by pulling its plug, start it again',
    operands: 'ls | add | stop NODE | start NODE',
    flags: ['name', 'data-dir'],
    run: async (options) => (await import('./node.ts')).node(options),
  },
  socks: {
    summary: "a SOCKS5 proxy on loopback into the cluster, with the cluster's names",
    flags: ['name', 'data-dir', 'port'],
    run: async (options) => (await import('./socks.ts')).socks(options),
  },
  image: {
    summary: 'load FILE (from "docker save", or an OCI layout), ls, rm NAME: what Pods can run from',
    operands: 'load|ls|rm',
    flags: ['name', 'data-dir'],
    run: async (options) => (await import('./image.ts')).image(options),
  },
  shell: {
    summary: "run the host's programs in the network of a node, or of the LAN outside the cluster",
    operands: '[NODE] [-- COMMAND]',
    flags: ['name', 'data-dir'],
    run: async (options) => (await import('./shell.ts')).shell(options),
  },
  'test-server': {
    summary: 'serve a cluster to a test in any language: prints one JSON line, ends with its parent',
    usage: '[--nodes N] [--no-controllers] [--crds FILE]... [--from SNAPSHOT] [--kubeconfig FILE]',
    runArgs: async (args) => (await import('./test-server.ts')).testServer(args),
  },
};

const usage = `usage: skiff COMMAND [flags]

${Object.entries(commands)
  .map(([name, command]) => `  ${name.padEnd(8)} ${command.summary}\n           ${usageOf(command)}`)
  .join('\n')}

  Everything else is kubectl's: skiff get pods, skiff apply -f FILE, skiff kubectl help. And: skiff why service/NAME
`;

function usageOf(command: Command | RawCommand): string {
  if ('usage' in command) return command.usage;
  return [command.operands ?? '', ...command.flags.map((flag) => `--${flag}`)].join(' ').trim();
}

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  if (['help', '--help', '-h'].includes(name)) {
    process.stdout.write(usage);
    return 0;
  }
  if (isKubectl(name, rest)) return runKubectl(name === 'kubectl' ? rest : args);
  try {
    const command = commands[name];
    if (!command) throw new UsageError(`there is no command "${name}"`);
    if ('runArgs' in command) return await command.runArgs(rest);
    return await command.run(parseOptions(rest, { flags: command.flags, operands: command.operands !== undefined }));
  } catch (error) {
    process.stderr.write(`skiff ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
    return 1;
  }
}

/** Whether kubectl is meant: by its name, or by one of its commands. `delete` is both: with objects to delete it is kubectl's. */
function isKubectl(name: string, rest: readonly string[]): boolean {
  if (name === 'delete') return !isClusterDelete(rest);
  return name === 'kubectl' || !commands[name];
}

function isClusterDelete(rest: readonly string[]): boolean {
  try {
    parseOptions(rest, { flags: deleteCommand.flags, operands: false });
    return true;
  } catch {
    return false;
  }
}

async function runKubectl(args: readonly string[]): Promise<number> {
  const { runKubectl } = await import('./kubectl.ts');
  return runKubectl(args);
}
