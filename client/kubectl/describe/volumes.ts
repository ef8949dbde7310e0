import type { V1Volume } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';
import type { Lines } from './lines.ts';

type Volume = Wire<V1Volume>;

/** The volumes of a Pod or of a template. */
export function describeVolumes(lines: Lines, volumes: readonly Volume[] | undefined, margin: string): void {
  if (!volumes?.length) {
    lines.raw(`${margin}Volumes:\t<none>\n`);
    return;
  }
  lines.raw(`${margin}Volumes:\n`);
  for (const volume of volumes) {
    lines.raw(`${margin}${margin === '' ? '  ' : ' '}${volume.name}:\n`);
    for (const line of sourceLines(volume)) lines.add(line, 2);
  }
}

function sourceLines({
  configMap,
  secret,
  emptyDir,
  hostPath,
  projected,
  persistentVolumeClaim,
  downwardAPI,
}: Volume): string[] {
  if (hostPath) {
    return [
      'Type:\tHostPath (bare host directory volume)',
      `Path:\t${hostPath.path}`,
      `HostPathType:\t${hostPath.type ?? '<none>'}`,
    ];
  }
  if (emptyDir) {
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${emptyDir.medium ?? ''}`,
      `SizeLimit:\t${emptyDir.sizeLimit ?? '<unset>'}`,
    ];
  }
  if (secret) {
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${secret.secretName ?? ''}`,
      `Optional:\t${secret.optional ?? false}`,
    ];
  }
  if (configMap) {
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${configMap.name ?? ''}`,
      `Optional:\t${configMap.optional ?? false}`,
    ];
  }
  if (downwardAPI) {
    const items = (downwardAPI.items ?? []).map(({ path, fieldRef }) => `  ${fieldRef?.fieldPath ?? ''} -> ${path}`);
    return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:', ...items];
  }
  if (persistentVolumeClaim) {
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${persistentVolumeClaim.claimName}`,
      `ReadOnly:\t${persistentVolumeClaim.readOnly ?? false}`,
    ];
  }
  if (projected) {
    return [
      'Type:\tProjected (a volume that contains injected data from multiple sources)',
      ...(projected.sources ?? []).flatMap(({ secret: s, configMap: c, downwardAPI: d, serviceAccountToken: t }) => [
        ...(s ? [`SecretName:\t${s.name ?? ''}`, `SecretOptionalName:\t${s.optional ?? '<nil>'}`] : []),
        ...(d ? ['DownwardAPI:\ttrue'] : []),
        ...(c ? [`ConfigMapName:\t${c.name ?? ''}`, `ConfigMapOptional:\t${c.optional ?? '<nil>'}`] : []),
        ...(t ? [`TokenExpirationSeconds:\t${t.expirationSeconds ?? '<nil>'}`] : []),
      ]),
    ];
  }
  return ['<unknown>'];
}
