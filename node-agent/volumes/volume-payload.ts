import type { Allocatable } from '../pods/resource-field.ts';
import type { NodePod, Volume } from '../pods/types.ts';
import type { Payload, PayloadFile } from './atomic-writer.ts';
import { dataPayload, downwardPayload, VolumeError } from './payload.ts';
import type { ReferencedObjects } from './referenced-objects.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

/** Where the content of volumes comes from. */
export interface PayloadSources {
  readonly objects: Pick<ReferencedObjects, 'configMap' | 'secret'>;
  readonly tokens: Pick<ServiceAccountTokens, 'get'>;
  readonly allocatable: Allocatable;
}

/** "configMap volumes", Kubernetes documentation: `defaultMode`. */
const DEFAULT_MODE = 0o644;

/**
 * The files of a volume that shows objects of the API: configMap, secret, downwardAPI and projected. Undefined for all other volumes.
 * Rejects with a {@link VolumeError}, in the kubelet's words, where something that is not optional is not there.
 */
export async function volumePayload(
  pod: NodePod,
  volume: Volume,
  sources: PayloadSources,
): Promise<Payload | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) return projection(pod, { configMap }, { mode: configMap.defaultMode, sources });
  if (secret) {
    const { secretName, defaultMode, ...rest } = secret;
    return projection(pod, { secret: { ...rest, name: secretName ?? '' } }, { mode: defaultMode, sources });
  }
  if (downwardAPI) return projection(pod, { downwardAPI }, { mode: downwardAPI.defaultMode, sources });
  if (!projected) return undefined;
  const files = new Map<string, PayloadFile>();
  for (const source of projected.sources ?? [])
    for (const [path, file] of await projection(pod, source, { mode: projected.defaultMode, sources }))
      files.set(path, file);
  return files;
}

async function projection(
  pod: NodePod,
  { configMap, secret, downwardAPI, serviceAccountToken }: Projection,
  { mode = DEFAULT_MODE, sources }: { mode: number | undefined; sources: PayloadSources },
): Promise<Payload> {
  const { namespace } = pod.metadata;
  const ref = configMap ?? secret;
  if (ref) {
    const { name = '', items, optional = false } = ref;
    const key = { namespace, name };
    const object = configMap ? await sources.objects.configMap(key) : await sources.objects.secret(key);
    return dataPayload(object, { kind: configMap ? 'configmap' : 'secret', name, items, optional, mode });
  }
  if (downwardAPI) return downwardPayload(pod, downwardAPI.items, { mode, allocatable: sources.allocatable });
  if (serviceAccountToken) {
    const { path, ...token } = serviceAccountToken;
    return new Map([[path, { content: await sources.tokens.get(pod, token), mode }]]);
  }
  throw new VolumeError('this cluster projects configMap, secret, downwardAPI and serviceAccountToken only');
}
