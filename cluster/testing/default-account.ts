import { isAlreadyExists } from '@skiff/api/status';
import type { Client } from '@skiff/client/client';

/**
 * Makes the service account without which Pods of the namespace `default` are refused. Its controller would make it too, but a
 * little later than a test creates its first Pod; and there may be no controllers.
 */
export async function ensureDefaultAccount(client: Client): Promise<void> {
  try {
    await client.resource('ServiceAccount').create({ metadata: { namespace: 'default', name: 'default' } });
  } catch (error) {
    // The controller was faster, or the cluster was started from a snapshot.
    if (!isAlreadyExists(error)) throw error;
  }
}
