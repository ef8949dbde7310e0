import { LAN_ADDRESS, nodeAddress, POD_RANGE, podCIDR, SERVICE_RANGE } from './addresses.ts';

/** Which address everything in a cluster has. Ranges are in CIDR notation. */
export interface AddressPlan {
  readonly services: string;
  /** The cluster IP of the API server. */
  readonly apiService: string;
  /** The cluster IP of the DNS. */
  readonly dns: string;
  readonly pods: string;
  /** Where Pods reach the API server. */
  readonly apiServer: { readonly address: string; readonly port: number };
  /** Of node N, from 1 on. */
  readonly nodeAddress: (index: number) => string;
  /** The Pods of node N. */
  readonly podCIDR: (index: number) => string;
}

const API_PORT = 6443;

/** In a network of the cluster's own, where nobody else is: see addresses.ts. */
export const ownPlan: AddressPlan = {
  services: SERVICE_RANGE,
  apiService: '10.96.0.1',
  dns: '10.96.0.10',
  pods: POD_RANGE,
  apiServer: { address: LAN_ADDRESS, port: API_PORT },
  nodeAddress,
  podCIDR,
};

/** How many clusters can share the host's loopback network. */
export const HOST_PLANS = 64;

/**
 * On the host's loopback network, which several clusters may share: each has a number, from 0 on. Services are 127.96.0.0/16, Pods and
 * nodes 127.100.0.0/16; the next cluster's are 127.95 and 127.101, and so on. Load balancers of all are 127.18.0.0/16.
 */
export function hostPlan(number: number): AddressPlan {
  const services = `127.${96 - number}.0`;
  const pods = `127.${100 + number}`;
  return {
    services: `${services}.0/16`,
    apiService: `${services}.1`,
    dns: `${services}.10`,
    pods: `${pods}.0.0/16`,
    apiServer: { address: `${pods}.0.1`, port: API_PORT },
    nodeAddress: (index) => `${pods}.0.${index + 1}`,
    podCIDR: (index) => `${pods}.${index}.0/24`,
  };
}
