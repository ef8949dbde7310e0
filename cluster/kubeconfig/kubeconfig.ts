import { stringify } from 'yaml';

export interface Credentials {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The name of a cluster's context: `skiff`, or `skiff-NAME`. */
export function contextName(cluster: string): string {
  return cluster === 'default' ? 'skiff' : `skiff-${cluster}`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The three entries of one cluster in a kubeconfig. */
export function entriesOf(
  cluster: string,
  credentials: Credentials,
): Record<'clusters' | 'contexts' | 'users', object> {
  const name = contextName(cluster);
  return {
    clusters: {
      name,
      cluster: { server: credentials.server, 'certificate-authority-data': base64(credentials.ca) },
    },
    contexts: { name, context: { cluster: name, user: name } },
    users: {
      name,
      user: { 'client-certificate-data': base64(credentials.cert), 'client-key-data': base64(credentials.key) },
    },
  };
}

/** A kubeconfig for one cluster, with its context chosen. */
export function kubeconfigText(cluster: string, credentials: Credentials): string {
  const { clusters, contexts, users } = entriesOf(cluster, credentials);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contextName(cluster),
    clusters: [clusters],
    contexts: [contexts],
    users: [users],
  });
}
