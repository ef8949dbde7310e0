import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { kindNamed } from '@skiff/api/kinds';
import type { KubeObject, ObjectKey } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { KindName } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { parseAllDocuments } from 'yaml';

const LIMIT_MS = 60_000;
/** Where `kubectl apply` looks for what was applied before. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Creates the objects of a manifest that are not there yet, and gives the others its spec. As with `kubectl apply`, which can go on from
 * there, they say what was applied. Resolves with the keys of its Deployments.
 */
export async function applyManifest(client: Client, path: string): Promise<ObjectKey[]> {
  const deployments: ObjectKey[] = [];
  for (const document of parseAllDocuments(readFileSync(path, 'utf8'))) {
    const object: KubeObject | null = document.toJS();
    if (!object) continue;
    const kind = kindNamed(object.kind);
    if (kind.namespaced) object.metadata.namespace ??= 'default';
    const annotations = { [lastApplied]: `${JSON.stringify(object)}\n` };
    object.metadata.annotations = annotations;
    const resource = client.resource(object.kind as KindName); // kindNamed has checked it
    const key = { namespace: object.metadata.namespace, name: object.metadata.name };
    // Asked first: creating a Service whose address is given fails by the address, not by the name, where it exists already.
    if (!(await exists(resource.get(key))))
      await resource.create(object as never); // a manifest of ours; the server validates it
    else if (object['spec']) await resource.patch(key, { metadata: { annotations }, spec: object['spec'] });
    if (kind.kind === 'Deployment') deployments.push(key);
  }
  return deployments;
}

async function exists(read: Promise<unknown>): Promise<boolean> {
  try {
    await read;
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Resolves when as many Pods as wanted take requests. Throws an error that names what was waited for. */
export async function untilAvailable(client: Client, key: ObjectKey): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isAvailable(client, key))) {
    if (performance.now() > deadline) {
      throw new Error(
        `deployment "${key.name}" was not available within ${LIMIT_MS / 1000} s; see the logs in the data folder`,
      );
    }
    await delay(25);
  }
}

async function isAvailable(client: Client, key: ObjectKey): Promise<boolean> {
  const { spec, status, metadata } = await client.resource('Deployment').get(key);
  const wanted = spec?.replicas ?? 1;
  return status?.observedGeneration === metadata.generation && (status?.availableReplicas ?? 0) >= wanted;
}
