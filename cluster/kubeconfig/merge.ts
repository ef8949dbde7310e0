import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { type Credentials, contextName, entriesOf } from './kubeconfig.ts';

/** The file that kubectl writes to: the first of $KUBECONFIG, else ~/.kube/config. */
export function userKubeconfig(env: NodeJS.ProcessEnv = process.env): string {
  const [first] = (env['KUBECONFIG'] ?? '').split(':').filter(Boolean);
  return first ?? join(homedir(), '.kube', 'config');
}

/**
 * Adds a cluster's context to the user's kubeconfig and chooses it, as kind, k3d and minikube do. Everything else in the file, its
 * comments too, stays. Throws where the file is no kubeconfig.
 */
export function mergeKubeconfig(path: string, cluster: string, credentials: Credentials): void {
  const document = read(path);
  for (const [list, entry] of Object.entries(entriesOf(cluster, credentials))) {
    remove(document, list, contextName(cluster));
    if (!isSeq(document.get(list))) document.set(list, document.createNode([]));
    document.addIn([list], entry);
  }
  document.set('current-context', contextName(cluster));
  write(path, document);
}

/** Takes a cluster's context out of the user's kubeconfig again. */
export function unmergeKubeconfig(path: string, cluster: string): void {
  if (!existsSync(path)) return;
  const name = contextName(cluster);
  const document = read(path);
  for (const list of ['clusters', 'contexts', 'users']) remove(document, list, name);
  if (document.get('current-context') === name) document.set('current-context', '');
  write(path, document);
}

function read(path: string): Document {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const document: Document = parseDocument(text.trim() === '' ? 'apiVersion: v1\nkind: Config\n' : text);
  if (document.errors.length > 0 || !isMap(document.contents)) {
    throw new Error(`"${path}" is not a kubeconfig; mend it, or start with --no-merge-kubeconfig`);
  }
  return document;
}

function remove(document: Document, list: string, name: string): void {
  const entries = document.get(list);
  if (!isSeq(entries)) return;
  entries.items = entries.items.filter((item) => !(isMap(item) && item.get('name') === name));
}

function write(path: string, document: Document): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.skiff-${process.pid}`;
  writeFileSync(next, document.toString(), { mode: 0o600 });
  renameSync(next, path);
}
