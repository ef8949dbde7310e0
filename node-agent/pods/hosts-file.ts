import type { NodePod, PodSpec } from './types.ts';

/** A Pod's own name: `spec.hostname`, or its name cut to what a host name may be. */
export function podHostname({ metadata, spec }: NodePod): string {
  return spec.hostname || metadata.name.slice(0, 63).replace(/[-.]+$/, '');
}

/** `web-0.my-service.default.svc.cluster.local` where the Pod has a subdomain. */
export function podFullName(pod: NodePod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  return subdomain && `${podHostname(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

const managed = `# Kubernetes-managed hosts file.
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::	ip6-localnet
fe00::	ip6-mcastprefix
fe00::1	ip6-allnodes
fe00::2	ip6-allrouters
`;

/** A Pod's /etc/hosts as the kubelet writes it. */
export function hostsFile(pod: NodePod, options: { podIP: string; clusterDomain: string }): string {
  const names = [podFullName(pod, options.clusterDomain), podHostname(pod)].filter(Boolean).join('\t');
  return `${managed}${options.podIP}\t${names}\n${aliases(pod.spec.hostAliases)}`;
}

function aliases(given: PodSpec['hostAliases'] = []): string {
  if (given.length === 0) return '';
  const lines = given.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
