/** What a name below the cluster's domain asks for ("Kubernetes DNS-Based Service Discovery", 1.1.0). */
export type ClusterName =
  /** The domain itself, `svc.`, `pod.` or a namespace's: names that exist and hold nothing. */
  | { readonly type: 'empty'; readonly namespace?: string }
  | {
      readonly type: 'service';
      readonly namespace: string;
      readonly service: string;
      /** `web-0` or `10-244-1-5`. */
      readonly endpoint?: string;
      readonly port?: string;
      /** `tcp`, `udp` or `sctp`. */
      readonly protocol?: string;
    }
  | { readonly type: 'pod'; readonly namespace: string; readonly ip: string };

/** Reads the labels before the cluster's domain, in lower case. Undefined where no such name can exist. */
export function parseClusterName(labels: readonly string[]): ClusterName | undefined {
  const kind = labels.at(-1);
  if (kind === undefined) return { type: 'empty' };
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const namespace = labels.at(-2);
  if (namespace === undefined) return { type: 'empty' };
  const [last, ...before] = labels.slice(0, -2).reverse();
  if (last === undefined) return { type: 'empty', namespace };
  if (kind === 'svc') return serviceName(namespace, last, before);
  const isIPv4 = before.length === 0 && /^\d{1,3}(-\d{1,3}){3}$/.test(last);
  return isIPv4 ? { type: 'pod', namespace, ip: last.replaceAll('-', '.') } : undefined;
}

/** `before`: the labels before the Service's, nearest first. */
function serviceName(namespace: string, service: string, before: readonly string[]): ClusterName | undefined {
  const base = { type: 'service', namespace, service } as const;
  const [first, second] = before;
  if (first === undefined) return base;
  if (before.length === 1) return { ...base, endpoint: first };
  if (before.length > 2 || !first.startsWith('_') || !second?.startsWith('_')) return undefined;
  return { ...base, port: second.slice(1), protocol: first.slice(1) };
}
