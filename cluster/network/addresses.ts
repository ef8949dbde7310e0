/** The addresses of a cluster's own network. Node N has one address of the LAN and one /24 of the Pod range. */
export const LAN_BRIDGE = 'lan0';
/** "Outside the cluster": where an external client lives, and where the API server is reached by Pods. */
export const LAN_ADDRESS = '172.18.0.1';
export const LAN_PREFIX = 16;
/** On every node's `lo`: the host, as Pods see it where the client's address is kept. */
export const HOST_ADDRESS = '172.18.255.254';
export const POD_RANGE = '10.244.0.0/16';
export const SERVICE_RANGE = '10.96.0.0/16';
/** One /24 of {@link POD_RANGE} each. */
export const MAX_NODES = 250;

/** `node1` for 1. */
export function nodeName(index: number): string {
  return `node${index}`;
}

/** 172.18.0.2 for node 1. */
export function nodeAddress(index: number): string {
  return `172.18.0.${index + 1}`;
}

/** 10.244.1.0/24 for node 1. */
export function podCIDR(index: number): string {
  return `10.244.${index}.0/24`;
}

/** 10.244.1.1 for node 1: the next hop of its Pods. */
export function podGateway(index: number): string {
  return `10.244.${index}.1`;
}
