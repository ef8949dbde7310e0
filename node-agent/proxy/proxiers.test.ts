import { fileURLToPath } from 'node:url';
import { testInsideCluster } from '../runtime/inside-cluster.ts';
import { findTool } from '../runtime/tools.ts';
import { proxierContract } from './contract.ts';
import { NftablesProxier } from './nftables.ts';
import { UserspaceProxier } from './userspace.ts';

testInsideCluster(fileURLToPath(import.meta.url), () => {
  proxierContract({
    name: 'user-space',
    keepsClientAddress: false,
    start: (node) => new UserspaceProxier(node),
  });
  if (findTool('nft') !== undefined)
    proxierContract({
      name: 'nftables',
      keepsClientAddress: true,
      start: (node) => new NftablesProxier({ ...node, conntrack: findTool('conntrack') !== undefined }),
    });
});
