import { randomInt } from 'node:crypto';
import { kindNamed } from '@skiff/api/kinds';
import { forbidden } from '@skiff/api/status';
import type { Pod, ServiceAccount } from '@skiff/api/types';
import { askedName } from '../asked-name.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import type { WriteContext } from '../strategy.ts';

/** Where programs find the token, the CA and the name of their namespace. */
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour and a little: the kubelet renews tokens before they end, programs reload them each minute. */
const tokenSeconds = 3607;
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Gives a new Pod its identity (upstream: the ServiceAccount admission plugin). Mutates. Throws 403 where there is no such account. */
export function admitServiceAccount(pod: Pod & { spec: PodSpec }, context: WriteContext): void {
  const { spec } = pod;
  const { namespace = '' } = pod.metadata;
  const name = spec.serviceAccountName || spec.serviceAccount || 'default';
  spec.serviceAccountName = name;
  const account = context.read('ServiceAccount', namespace, name) as ServiceAccount | undefined; // the kind that was asked for
  if (!account) {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(kindNamed('Pod'), askedName(pod.metadata), why);
  }
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = structuredClone(account.imagePullSecrets);
  }
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec);
}

function mountToken(spec: PodSpec): void {
  // That each has a name has not been checked yet.
  const present = spec.volumes?.find(({ name = '' }) => name.startsWith('kube-api-access-'));
  const volume = present ?? tokenVolume();
  let used = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name: volume.name, readOnly: true, mountPath }];
    used = true;
  }
  if (used && !present) spec.volumes = [...(spec.volumes ?? []), volume];
}

function tokenVolume(): NonNullable<PodSpec['volumes']>[number] {
  let suffix = '';
  for (let index = 0; index < 5; index++) suffix += suffixAlphabet[randomInt(suffixAlphabet.length)];
  const namespaceField = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  return {
    name: `kube-api-access-${suffix}`,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespaceField] } },
      ],
      defaultMode: 0o644,
    },
  };
}
