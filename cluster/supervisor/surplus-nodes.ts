import { readdirSync, rmSync } from 'node:fs';
import { isNotFound } from '@skiff/api/status';
import type { Client } from '@skiff/client/client';
import { removeOrphan } from '@skiff/controllers/node-lifecycle/orphan';
import type { DataFolder } from '../data-folder.ts';

/**
 * Takes away the nodes that a cluster had and no longer has, as it came up with fewer: their Node objects, their Pods, which then run
 * elsewhere if somebody wants them, and what they kept on disk. Resolves with their names. Nodes that other people made stay.
 */
export async function removeSurplusNodes(
  client: Client,
  { folder, wanted }: { folder: DataFolder; wanted: readonly string[] },
): Promise<string[]> {
  const surplus = nodesOf(folder).filter((name) => !wanted.includes(name));
  for (const name of surplus) {
    // Before its Pods, so that none is put there again.
    await client.resource('Node').delete({ name }).catch(ignoreGone);
    const { items } = await client.resource('Pod').list({ fieldSelector: `spec.nodeName=${name}` });
    for (const pod of items) await removeOrphan(client, pod, Date.now());
    try {
      rmSync(folder.node(name), { recursive: true, force: true });
    } catch {
      // What Pods wrote as other users may not be ours to remove; it is in nobody's way.
    }
  }
  return surplus;
}

function nodesOf(folder: DataFolder): string[] {
  try {
    const entries = readdirSync(folder.nodes, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function ignoreGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
