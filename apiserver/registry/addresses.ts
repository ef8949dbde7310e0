import { ipFamily } from '@skiff/api/ip';

const loopback = '127.';

function isLoopback(address: string): boolean {
  return ipFamily(address) === 'IPv4' ? address.startsWith(loopback) : address.toLowerCase() === '::1';
}

/**
 * The rule of endpoints' addresses in a cluster with this range of cluster IPs: that of {@link nonSpecialIp}; but a cluster whose Services
 * are on loopback has its Pods there as well.
 */
export function endpointAddress(serviceCIDR: string): (address: string) => string[] {
  if (!serviceCIDR.startsWith(loopback)) return nonSpecialIp;
  return (address) => (isLoopback(address) ? [] : nonSpecialIp(address));
}

/** What is wrong with the address of an endpoint: it must be one that other machines can reach (upstream: ValidateEndpointIP). */
export function nonSpecialIp(address: string): string[] {
  const v4 = ipFamily(address) === 'IPv4';
  const lower = address.toLowerCase();
  if (address === '0.0.0.0' || lower === '::') return [`may not be unspecified (${lower})`];
  if (isLoopback(address)) return ['may not be in the loopback range (127.0.0.0/8, ::1/128)'];
  if (v4 ? address.startsWith('169.254.') : /^fe[89ab]/.test(lower)) {
    return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)'];
  }
  if (v4 ? address.startsWith('224.0.0.') : lower.startsWith('ff02:')) {
    return ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'];
  }
  return [];
}
