import type { V1HostAlias } from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, oneOf, required, tooLongValue } from '@skiff/api/causes';
import { ipAddress } from '@skiff/api/ip';
import type { Wire } from '@skiff/api/meta';
import { dns1123Label, dns1123Subdomain, searchDomain } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { containerPaths } from './container-paths.ts';
import type { PodSpec } from './defaults.ts';

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
/** As many as the C library of Linux reads. */
const most = { nameservers: 3, searches: 32, searchCharacters: 2048 };
const maxHostnameOverride = 64;

/** How a Pod resolves names (upstream: validateDNSPolicy and validatePodDNSConfig). */
export function validateDns({ dnsConfig, dnsPolicy }: PodSpec, field: string): StatusCause[] {
  const causes = oneOf(`${field}.dnsPolicy`, dnsPolicy, dnsPolicies);
  const at = `${field}.dnsConfig`;
  const { nameservers = [], options = [], searches = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && !dnsConfig) {
    return [...causes, required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    const rule = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    return [...causes, required(`${at}.nameservers`, rule)];
  }
  if (nameservers.length > most.nameservers) {
    const rule = `must not have more than ${most.nameservers} nameservers`;
    causes.push(invalidValue(`${at}.nameservers`, nameservers, rule));
  }
  causes.push(...nameservers.flatMap((ip, index) => invalidBy(ipAddress, `${at}.nameservers[${index}]`, ip)));
  if (searches.length > most.searches) {
    causes.push(invalidValue(`${at}.searches`, searches, `must not have more than ${most.searches} search paths`));
  }
  if (searches.join(' ').length > most.searchCharacters) {
    const rule = `must not have more than ${most.searchCharacters} characters (including spaces) in the search list`;
    causes.push(invalidValue(`${at}.searches`, searches, rule));
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    causes.push(...invalidBy(searchDomain, `${at}.searches[${index}]`, search.replace(/\.$/, '')));
  }
  for (const [index, { name }] of options.entries()) {
    if (!name) causes.push(required(`${at}.options[${index}]`, 'must not be empty'));
  }
  return causes;
}

/** Upstream: ValidateHostAliases. */
export function validateHostAliases(aliases: readonly Wire<V1HostAlias>[], field: string): StatusCause[] {
  return aliases.flatMap(({ hostnames = [], ip = '' }, index) => [
    ...invalidBy(ipAddress, `${field}[${index}].ip`, ip),
    ...hostnames.flatMap((name, at) => invalidBy(dns1123Subdomain, `${field}[${index}].hostnames[${at}]`, name)),
  ]);
}

/** What a Pod is called in its own eyes. */
export function validateHostname(spec: PodSpec, field: string): StatusCause[] {
  const { hostname, hostnameOverride: override, subdomain } = spec;
  const causes = [
    ...(hostname ? invalidBy(dns1123Label, `${field}.hostname`, hostname) : []),
    ...(subdomain ? invalidBy(dns1123Label, `${field}.subdomain`, subdomain) : []),
  ];
  if (override === undefined) return causes;
  const at = `${field}.hostnameOverride`;
  if (spec.setHostnameAsFQDN) {
    causes.push(forbiddenField(at, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) causes.push(forbiddenField(at, 'may not be specified when hostNetwork is true'));
  if (override.length > maxHostnameOverride) causes.push(tooLongValue(at, maxHostnameOverride));
  return [...causes, ...invalidBy(dns1123Subdomain, at, override)];
}

/** A Pod that shares the network of its host has its ports there (upstream: validatePodHostNetworkDeps). */
export function validateHostNetwork(spec: PodSpec, field: string, options: { isPod: boolean }): StatusCause[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ containerPort, hostPort = 0 }, at) => {
      if (hostPort === containerPort || (hostPort === 0 && !options.isPod)) return [];
      const rule = 'must match `containerPort` when `hostNetwork` is true';
      return [invalidValue(`${field}.containers[${index}].ports[${at}].hostPort`, hostPort, rule)];
    }),
  );
}

/** A Pod with users of its own cannot share what belongs to the host's (upstream: validateHostUsers). */
export function validateHostUsers(spec: PodSpec, field: string): StatusCause[] {
  if (spec.hostUsers !== false) return [];
  const rule = 'when `hostUsers` is false';
  const causes: StatusCause[] = [];
  if (spec.hostNetwork) causes.push(forbiddenField(`${field}.hostNetwork`, rule));
  // Upstream begins these two with a capital letter.
  if (spec.hostPID) causes.push(forbiddenField(`${field}.HostPID`, rule));
  if (spec.hostIPC) causes.push(forbiddenField(`${field}.HostIPC`, rule));
  for (const { container, path } of containerPaths(spec, field)) {
    if (container.volumeDevices?.length) causes.push(forbiddenField(`${path}.volumeDevices`, rule));
  }
  return causes;
}
