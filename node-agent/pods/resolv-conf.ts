import type { PodSpec } from './types.ts';

export interface ResolverSettings {
  readonly clusterDNS: string;
  readonly clusterDomain: string;
  /** The text of the node's own resolv.conf. */
  readonly host: string;
}

interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A Pod's /etc/resolv.conf, by its `dnsPolicy` and `dnsConfig` (Kubernetes: "DNS for Services and Pods"). */
export function resolvConf(
  { spec, namespace }: { spec: PodSpec; namespace: string },
  { clusterDNS, clusterDomain, host }: ResolverSettings,
): string {
  const hosts = parseResolvConf(host);
  const cluster: ResolvConf = {
    nameservers: [clusterDNS],
    searches: [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain, ...hosts.searches],
    options: ['ndots:5'],
  };
  const none: ResolvConf = { nameservers: [], searches: [], options: [] };
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec.hostNetwork !== true);
  const base = policy === 'None' ? none : usesCluster ? cluster : hosts;
  return formatResolvConf(merge(base, spec.dnsConfig ?? {}));
}

/** The kubelet's: more servers and longer lists are cut, as programs do not read them. */
const MOST_NAMESERVERS = 3;
const MOST_SEARCHES = 32;

function merge(base: ResolvConf, config: NonNullable<PodSpec['dnsConfig']>): ResolvConf {
  const options = new Map(base.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name, value } of config.options ?? [])
    if (name) options.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return {
    nameservers: [...new Set([...base.nameservers, ...(config.nameservers ?? [])])].slice(0, MOST_NAMESERVERS),
    searches: [...new Set([...base.searches, ...(config.searches ?? [])])].slice(0, MOST_SEARCHES),
    options: [...options.values()],
  };
}

/** resolv.conf(5): the last `search` counts. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0]);
    if (keyword === 'search') searches = values.filter((search) => search !== '.');
    if (keyword === 'options') options.push(...values);
  }
  return { nameservers, searches, options };
}

function formatResolvConf({ nameservers, searches, options }: ResolvConf): string {
  const lines = [
    searches.length > 0 && `search ${searches.join(' ')}`,
    ...nameservers.map((server) => `nameserver ${server}`),
    options.length > 0 && `options ${options.join(' ')}`,
  ];
  return lines
    .filter((line) => line !== false)
    .map((line) => `${line}\n`)
    .join('');
}
