import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ClientConfig } from './config.ts';

interface Named<Key extends string, Value> {
  name: string;
  value: Value | undefined;
  key: Key;
}

type Fields = Record<string, unknown>;

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Finds the entry of a kubeconfig's list: `{ name, cluster: {...} }`. */
function entry<Key extends string>(config: Fields, list: string, key: Key, name: unknown): Named<Key, Fields> {
  const items = Array.isArray(config[list]) ? config[list] : [];
  const found = items.filter(isMap).find((item) => item['name'] === name);
  const value = found?.[key];
  return { name: String(name), key, value: isMap(value) ? value : undefined };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Reads a kubeconfig file ("Organizing Cluster Access Using kubeconfig Files", Kubernetes documentation): certificates
 * embedded or by path, and bearer tokens. Throws an error that names the file and what it lacks.
 */
export function loadKubeconfig(path: string, options: { context?: string } = {}): ClientConfig {
  const config: unknown = parse(readFileSync(path, 'utf8'));
  if (!isMap(config)) throw new Error(`kubeconfig "${path}" is not a YAML map`);
  const contextName = options.context ?? config['current-context'];
  const context = entry(config, 'contexts', 'context', contextName).value;
  if (!context) throw new Error(`kubeconfig "${path}" has no context "${String(contextName)}"`);
  const cluster = entry(config, 'clusters', 'cluster', context['cluster']).value;
  const server = text(cluster?.['server']);
  if (!cluster || !server)
    throw new Error(`kubeconfig "${path}" has no server for cluster "${String(context['cluster'])}"`);
  const user = entry(config, 'users', 'user', context['user']).value ?? {};
  const pem = (fields: Fields, name: string): string | undefined => {
    const data = text(fields[`${name}-data`]);
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    const file = text(fields[name]);
    return file && readFileSync(resolve(dirname(path), file), 'utf8');
  };
  const ca = pem(cluster, 'certificate-authority');
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  const tokenFile = text(user['tokenFile']);
  const token = text(user['token']) ?? (tokenFile && readToken(resolve(dirname(path), tokenFile)));
  return { server, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(token && { token }) };
}

const readToken = (path: string) => (): string => readFileSync(path, 'utf8').trim();
