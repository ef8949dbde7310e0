import { existsSync } from 'node:fs';
import { Client } from '../client.ts';
import type { ClientConfig } from '../config.ts';
import { kubeconfigPaths, loadKubeconfig } from '../kubeconfig.ts';
import { CommandError } from './failure.ts';
import { bool, type FlagValues, list, text } from './flags.ts';
import type { Io } from './io.ts';
import { ResourceMapper } from './resources/resource-mapper.ts';

/** The flags that every command takes. */
export const globalFlags = {
  kubeconfig: text(),
  context: text(),
  cluster: text(),
  user: text(),
  namespace: text('n'),
  server: text('s'),
  token: text(),
  'certificate-authority': text(),
  'client-certificate': text(),
  'client-key': text(),
  'insecure-skip-tls-verify': bool(),
  'tls-server-name': text(),
  as: text(),
  'as-group': list(),
  'as-uid': text(),
  'request-timeout': text(undefined, '0'),
  'cache-dir': text(),
  'disable-compression': bool(),
  'match-server-version': bool(),
  'warnings-as-errors': bool(),
  v: text('v', '0'),
  /** Skiff's own: the cluster that is meant, where a command has no `--name` of its own. */
  name: text(),
  'data-dir': text(),
} as const;

export type GlobalFlags = FlagValues<typeof globalFlags>;

/** Where the kubeconfig of a cluster of this machine is; undefined where there is no such cluster. */
export type ClusterLookup = (cluster: {
  name?: string | undefined;
  dataDir?: string | undefined;
}) => string | undefined;

/** One run of a command: whom it talks to, as whom, and where its output goes. What it needs it makes on first use. */
export class Session implements Disposable {
  readonly io: Io;
  readonly flags: GlobalFlags;
  readonly #lookup: ClusterLookup;
  #config: (ClientConfig & { namespace?: string }) | undefined;
  #client: Client | undefined;
  #resources: ResourceMapper | undefined;
  #warned = false;

  constructor(options: { io: Io; flags: GlobalFlags; lookup: ClusterLookup }) {
    this.io = options.io;
    this.flags = options.flags;
    this.#lookup = options.lookup;
  }

  get config(): ClientConfig & { namespace?: string } {
    this.#config ??= this.#findConfig();
    return this.#config;
  }

  get client(): Client {
    this.#client ??= new Client(this.config);
    return this.#client;
  }

  get resources(): ResourceMapper {
    this.#resources ??= new ResourceMapper(this.client);
    return this.#resources;
  }

  /** The namespace that is meant where a command names none. */
  get namespace(): string {
    return this.flags.namespace ?? this.config.namespace ?? 'default';
  }

  get signal(): AbortSignal {
    return this.io.signal;
  }

  /** Whether the server has warned of anything. */
  get warned(): boolean {
    return this.#warned;
  }

  out(line: string): void {
    this.io.out(`${line}\n`);
  }

  err(line: string): void {
    this.io.err(`${line}\n`);
  }

  [Symbol.dispose](): void {
    this.#client?.close();
  }

  #findConfig(): ClientConfig & { namespace?: string } {
    const { flags } = this;
    const told = {
      ...(flags.context && { context: flags.context }),
      ...(flags.cluster && { cluster: flags.cluster }),
      ...(flags.user && { user: flags.user }),
    };
    const paths = this.kubeconfigPaths();
    const files = paths.filter((path) => existsSync(path));
    if (files.length === 0 && !flags.server) {
      throw new CommandError(
        `there is no kubeconfig (${paths.join(', ')}): start a cluster with "skiff up", or name one with --kubeconfig`,
      );
    }
    const base =
      flags.server && files.length === 0
        ? { server: flags.server }
        : loadKubeconfig(paths, { ...told, ...(flags.server && { server: flags.server }) });
    const headers: Record<string, string | string[]> = {
      ...(flags.as && { 'Impersonate-User': flags.as }),
      ...(flags['as-group'].length > 0 && { 'Impersonate-Group': flags['as-group'] }),
      ...(flags['as-uid'] && { 'Impersonate-Uid': flags['as-uid'] }),
    };
    return {
      ...base,
      ...(flags.token && { token: flags.token }),
      ...(flags['insecure-skip-tls-verify'] && { insecure: true }),
      ...(flags['tls-server-name'] && { serverName: flags['tls-server-name'] }),
      headers,
      userAgent: 'skiff-kubectl',
      onWarning: (warning) => {
        this.#warned = true;
        const label = this.io.colour ? '\x1b[33;1mWarning:\x1b[0m' : 'Warning:';
        this.err(`${label} ${warning}`);
      },
    };
  }

  /** The files that the configuration comes from, the first of which is written to. */
  kubeconfigPaths(): readonly string[] {
    const { kubeconfig, name, 'data-dir': dataDir } = this.flags;
    if (kubeconfig) return [kubeconfig];
    if (name !== undefined || dataDir !== undefined) {
      const found = this.#lookup({ name, dataDir });
      if (found) return [found];
      throw new CommandError(
        `there is no cluster ${name === undefined ? `in "${dataDir}"` : `"${name}"`}; start one with: skiff up`,
      );
    }
    const paths = kubeconfigPaths(this.io.env);
    if (paths.some((path) => existsSync(path))) return paths;
    // Nothing says where to go: a cluster of this machine that goes by the default name.
    const own = this.#lookup({});
    return own ? [own] : paths;
  }
}
