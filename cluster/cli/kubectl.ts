import { existsSync } from 'node:fs';
import { processIo } from '@skiff/client/kubectl/io';
import { kubectl } from '@skiff/client/kubectl/main';
import { DataFolder } from '../data-folder.ts';

/** `skiff kubectl ...`: the tiny kubectl, which also finds the clusters of this machine by name or folder. */
export async function runKubectl(args: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // A reader that goes away, as `head` does, ends it quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    return await kubectl(args, {
      io: processIo(interrupted.signal),
      lookup: ({ name = 'default', dataDir }) => {
        const { kubeconfig } = dataDir ? new DataFolder(dataDir) : DataFolder.named(name);
        return existsSync(kubeconfig) ? kubeconfig : undefined;
      },
    });
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
