import { BlockList, isIPv4 } from 'node:net';

/** Tells whether a client is this node or one of its Pods. */
export function ownClients(node: { readonly nodeIP: string; readonly podCIDR: string }): (client: string) => boolean {
  const own = new BlockList();
  const [network = '', prefix = ''] = node.podCIDR.split('/');
  own.addSubnet(network, Number(prefix));
  own.addAddress(node.nodeIP);
  return (client) => isIPv4(client) && own.check(client);
}
