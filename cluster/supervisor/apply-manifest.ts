import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { kindNamed } from '@skiff/api/kinds';
import { type KubeObject, keyOf, type ObjectKey } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { KindName } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import { parseAllDocuments } from 'yaml';

const LIMIT_MS = 60_000;
/** Where `kubectl apply` looks for what was applied before. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export interface ApplyManifestOptions {
  /** Instead of what the manifest's Services with an address have. */
  readonly clusterIP?: string;
}

/**
 * Creates the objects of a manifest that are not there yet, and gives the others its spec. As with `kubectl apply`, which can go on from
 * there, they say what was applied. Resolves with the objects as the manifest has them.
 */
export async function applyManifest(
  client: Client,
  path: string,
  { clusterIP }: ApplyManifestOptions = {},
): Promise<KubeObject[]> {
  const objects = parseAllDocuments(readFileSync(path, 'utf8')).flatMap(
    (document): KubeObject[] => document.toJS() ?? [],
  );
  for (const object of objects) {
    const kind = kindNamed(object.kind);
    const spec = object['spec'] as { clusterIP?: string } | undefined; // a manifest of ours
    if (clusterIP !== undefined && spec?.clusterIP !== undefined) spec.clusterIP = clusterIP;
    if (kind.namespaced) object.metadata.namespace ??= 'default';
    const annotations = { [lastApplied]: `${JSON.stringify(object)}\n` };
    object.metadata.annotations = annotations;
    const resource = client.resource(object.kind as KindName); // kindNamed has checked it
    const key = keyOf(object);
    // Asked first: creating a Service whose address is given fails by the address, not by the name, where it exists already.
    if (!(await exists(resource.get(key))))
      await resource.create(object as never); // a manifest of ours; the server validates it
    else if (object['spec']) await resource.patch(key, { metadata: { annotations }, spec: object['spec'] });
  }
  return objects;
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

/** Resolves when all Deployments among the objects have as many Pods as wanted that take requests. Throws an error that names one which has not. */
export async function untilAvailable(client: Client, objects: readonly KubeObject[]): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (const object of objects.filter(({ kind }) => kind === 'Deployment')) {
    while (!(await isAvailable(client, keyOf(object)))) {
      if (performance.now() > deadline) {
        throw new Error(
          `deployment "${object.metadata.name}" was not available within ${LIMIT_MS / 1000} s; see the logs in the data folder`,
        );
      }
      await delay(25);
    }
  }
}

async function isAvailable(client: Client, key: ObjectKey): Promise<boolean> {
  const { spec, status, metadata } = await client.resource('Deployment').get(key);
  const wanted = spec?.replicas ?? 1;
  return status?.observedGeneration === metadata.generation && (status?.availableReplicas ?? 0) >= wanted;
}
