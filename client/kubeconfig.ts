import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ClientConfig } from './config.ts';
import { ExecCredentials } from './exec-plugin.ts';

type Fields = Record<string, unknown>;

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** An entry of one of the lists, with the folder that its paths are relative to. */
interface Entry {
  readonly fields: Fields;
  readonly folder: string;
}

/** What several files say together: of entries with the same name the first counts, and so does the first current context. */
interface Merged {
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/** The files that kubectl would read: those of $KUBECONFIG, else `~/.kube/config`. */
export function kubeconfigPaths(env: NodeJS.ProcessEnv = process.env): string[] {
  const given = (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  return given.length > 0 ? given : [join(homedir(), '.kube', 'config')];
}

/** Where a context leads: the server and the user, and the namespace that it prefers. */
export interface KubeconfigContext extends ClientConfig {
  readonly namespace?: string;
}

/** What is meant instead of what the file says. */
export interface KubeconfigOptions {
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly server?: string;
}

/**
 * Reads a kubeconfig, or several as one ("Organizing Cluster Access Using kubeconfig Files", Kubernetes documentation):
 * certificates embedded or by path, bearer tokens, and programs that give either. Of several files, absent ones are passed over. Throws an Error that
 * names the file and what it lacks.
 */
export function loadKubeconfig(path: string | readonly string[], options: KubeconfigOptions = {}): KubeconfigContext {
  const where = typeof path === 'string' ? `kubeconfig "${path}"` : `kubeconfig "${path.join(delimiter)}"`;
  const merged = merge(typeof path === 'string' ? [read(path)] : path.flatMap(readIfPresent));
  const name = options.context ?? merged.currentContext;
  if (name === undefined) throw new Error(`${where} has no current context; name one`);
  const context = merged.contexts.get(name)?.fields;
  if (!context) throw new Error(`${where} has no context "${name}"`);
  const clusterName = options.cluster ?? String(context['cluster']);
  const userName = options.user ?? String(context['user']);
  const cluster = merged.clusters.get(clusterName);
  const server = options.server ?? text(cluster?.fields['server']);
  if (!cluster || !server) throw new Error(`${where} has no server for cluster "${clusterName}"`);
  const user = merged.users.get(userName) ?? { fields: {}, folder: '.' };
  for (const unsupported of ['auth-provider', 'username']) {
    if (user.fields[unsupported] === undefined) continue;
    throw new Error(`${where}: user "${userName}" has "${unsupported}"; use a certificate or a token`);
  }
  const ca = pem(cluster, 'certificate-authority');
  const plugin = pluginOf(user);
  const cert = plugin?.first.cert ?? pem(user, 'client-certificate');
  const key = plugin?.first.key ?? pem(user, 'client-key');
  const token = plugin?.first.token ? () => plugin.token() : tokenOf(user);
  const serverName = text(cluster.fields['tls-server-name']);
  const namespace = text(context['namespace']);
  return {
    server,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(token && { token }),
    ...(serverName && { serverName }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true && { insecure: true }),
    ...(namespace && { namespace }),
  };
}

function read(path: string): { path: string; config: Fields } {
  const config: unknown = parse(readFileSync(path, 'utf8'));
  if (!isMap(config)) throw new Error(`kubeconfig "${path}" is not a YAML map`);
  return { path, config };
}

function readIfPresent(path: string): { path: string; config: Fields }[] {
  try {
    return [read(path)];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function merge(files: readonly { path: string; config: Fields }[]): Merged {
  const list = (plural: string, singular: string): Map<string, Entry> => {
    const entries = new Map<string, Entry>();
    for (const { path, config } of files) {
      const items = config[plural];
      for (const item of (Array.isArray(items) ? items : []).filter(isMap)) {
        const name = String(item['name']);
        const fields = item[singular];
        if (isMap(fields) && !entries.has(name)) entries.set(name, { fields, folder: dirname(path) });
      }
    }
    return entries;
  };
  return {
    currentContext: files.map(({ config }) => text(config['current-context'])).find((name) => name !== undefined),
    clusters: list('clusters', 'cluster'),
    contexts: list('contexts', 'context'),
    users: list('users', 'user'),
  };
}

/** `NAME-data` is the text itself, in base64; `NAME` is a file. */
function pem({ fields, folder }: Entry, name: string): string | undefined {
  const data = text(fields[`${name}-data`]);
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const file = text(fields[name]);
  return file && readFileSync(resolve(folder, file), 'utf8');
}

/** The program that gives a user's credentials, where there is one. A path with a slash is relative to the file's folder. */
function pluginOf({ fields, folder }: Entry): ExecCredentials | undefined {
  const exec = fields['exec'];
  if (!isMap(exec)) return undefined;
  const command = text(exec['command']) ?? '';
  const env = (Array.isArray(exec['env']) ? exec['env'] : []).filter(isMap);
  return new ExecCredentials({
    apiVersion: text(exec['apiVersion']) ?? 'client.authentication.k8s.io/v1',
    command: command.includes('/') ? resolve(folder, command) : command,
    args: (Array.isArray(exec['args']) ? exec['args'] : []).map(String),
    env: env.map(({ name, value }) => ({ name: String(name), value: String(value) })),
    installHint: text(exec['installHint']),
  });
}

/** A file's token is read for each request, since somebody renews it. */
function tokenOf({ fields, folder }: Entry): ClientConfig['token'] {
  const file = text(fields['tokenFile']);
  if (file) return () => readFileSync(resolve(folder, file), 'utf8').trim();
  return text(fields['token']);
}
