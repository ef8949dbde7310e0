import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Proxier } from './proxier.ts';
import type { ServiceChoice } from './service-choice.ts';

export interface ProxierOptions {
  readonly mode: 'auto' | 'nftables' | 'userspace';
  readonly nodeIP: string;
  readonly podCIDR: string;
  readonly clusterCIDR: string;
  readonly hostAddress?: string | undefined;
  /** On the host's network: see UserspaceProxierOptions. */
  readonly onHost?: ServiceChoice | undefined;
}

/** `auto` takes the kernel's rules where `nft` is on the PATH. What is not chosen is not loaded either. */
export async function chooseProxier(options: ProxierOptions): Promise<Proxier> {
  const { mode, onHost, ...node } = options;
  if (onHost !== undefined || mode === 'userspace' || (mode === 'auto' && !isOnPath('nft'))) {
    const { UserspaceProxier } = await import('./userspace.ts');
    return new UserspaceProxier({ ...node, ...(onHost && { onHost }) });
  }
  const { NftablesProxier } = await import('./nftables.ts');
  return new NftablesProxier({ ...node, conntrack: isOnPath('conntrack') });
}

function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
