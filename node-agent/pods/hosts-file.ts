import type { NodePod, PodSpec } from './types.ts';

/** A Pod's own name: `spec.hostname`, or its name cut to what a host name may be. */
export function podHostname({ metadata, spec }: NodePod): string {
  return spec.hostname || metadata.name.slice(0, 63).replace(/[-.]+$/, '');
}

/** Longer ones the kernel does not take. */
const MOST_LETTERS = 64;

/**
 * What `hostname` says in a Pod: the node's name on the node's network, the full name with `setHostnameAsFQDN`. Throws where that is longer
 * than a host name may be.
 */
export function kernelHostname(pod: NodePod, { nodeName, clusterDomain }: { nodeName: string; clusterDomain: string }) {
  const { hostNetwork, hostnameOverride, setHostnameAsFQDN } = pod.spec;
  if (hostnameOverride) return hostnameOverride;
  if (hostNetwork === true) return nodeName;
  const full = setHostnameAsFQDN === true ? podFullName(pod, clusterDomain) : undefined;
  if (full !== undefined && full.length > MOST_LETTERS)
    throw new Error(
      `Failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${MOST_LETTERS} is the max, ${full.length} requested)`,
    );
  return full ?? podHostname(pod);
}

/** `web-0.my-service.default.svc.cluster.local` where the Pod has a subdomain. */
export function podFullName(pod: NodePod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  return subdomain && `${podHostname(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

const localhosts = `127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::	ip6-localnet
fe00::	ip6-mcastprefix
fe00::1	ip6-allnodes
fe00::2	ip6-allrouters
`;

/** A Pod's /etc/hosts as the kubelet writes it. */
export function hostsFile(pod: NodePod, options: { podIP: string; clusterDomain: string; nodeName: string }): string {
  const { hostNetwork, hostnameOverride, hostAliases } = pod.spec;
  const own = hostnameOverride
    ? [hostnameOverride]
    : hostNetwork === true
      ? [options.nodeName]
      : [podFullName(pod, options.clusterDomain), podHostname(pod)].filter(Boolean);
  const head = `# Kubernetes-managed hosts file${hostNetwork === true ? ' (host network)' : ''}.\n${localhosts}`;
  return `${head}${options.podIP}\t${own.join('\t')}\n${aliases(hostAliases)}`;
}

function aliases(given: PodSpec['hostAliases'] = []): string {
  if (given.length === 0) return '';
  const lines = given.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
