import { BlockList, isIPv4 } from 'node:net';

/** Ranges of IPv4 addresses: `192.0.2.0/24`. */
export class SourceRanges {
  readonly #list = new BlockList();

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [network = '', prefix = '32'] = range.split('/');
      if (isIPv4(network)) this.#list.addSubnet(network, Number(prefix));
    }
  }

  includes(address: string): boolean {
    return isIPv4(address) && this.#list.check(address);
  }
}
