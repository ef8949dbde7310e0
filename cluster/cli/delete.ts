import { existsSync, readdirSync, rmSync } from 'node:fs';
import { unmergeKubeconfig, userKubeconfig } from '../kubeconfig/merge.ts';
import { down } from './down.ts';
import type { Options } from './options.ts';

/** `skiff delete`: ends a cluster and removes its data folder and its context. */
export async function deleteCluster(options: Options): Promise<number> {
  const { folder, name } = options;
  await down(options);
  if (existsSync(folder.path)) {
    const foreign = !existsSync(folder.pki) && readdirSync(folder.path).length > 0;
    if (foreign) throw new Error(`"${folder.path}" holds no cluster; nothing was removed`);
    rmSync(folder.path, { recursive: true, force: true });
  }
  unmergeKubeconfig(userKubeconfig(), name);
  process.stdout.write(`cluster "${name}" is deleted\n`);
  return 0;
}
