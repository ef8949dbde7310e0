import type {
  V1ClusterTrustBundleProjection,
  V1PodCertificateProjection,
  V1ProjectedVolumeSource,
  V1ServiceAccountTokenProjection,
  V1VolumeProjection,
} from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, oneOf, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Subdomain } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import { validateDownwardFile, validateKeys } from './file-source-validation.ts';
import { fileMode, volumeFilePath } from './path-validation.ts';

/** The paths of all sources of a volume, each of which may be there once. */
class Paths {
  readonly #taken = new Set<string>();
  readonly #field: string;

  constructor(field: string) {
    this.#field = field;
  }

  /** `shown` is what the message shows: the owner of the path for some sources. */
  take(path: string | undefined, shown = path): StatusCause[] {
    if (!path) return [];
    if (this.#taken.has(path)) return [invalidValue(this.#field, shown ?? '', 'conflicting duplicate paths')];
    this.#taken.add(path);
    return [];
  }
}

const tenMinutes = 600;

function validateToken(
  { expirationSeconds = 3600, path }: Wire<V1ServiceAccountTokenProjection>,
  field: string,
  volume: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  const at = `${field}.expirationSeconds`;
  if (expirationSeconds < tenMinutes) {
    causes.push(invalidValue(at, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > 2 ** 32) {
    causes.push(invalidValue(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  // Upstream names the volume here, not the source.
  return [...causes, ...(path ? volumeFilePath(`${volume}.path`, path) : [required(`${volume}.path`)])];
}

/** `example.com/name` */
const signerName = (name: string): string[] => {
  const [domain = '', path, ...rest] = name.split('/');
  if (rest.length || !path) return ['must be a fully qualified domain and path of the form "example.com/signer-name"'];
  if (!domain.includes('.')) return ['should be a domain with at least two segments separated by dots'];
  return dns1123Subdomain(domain);
};

function validateBundle(bundle: Wire<V1ClusterTrustBundleProjection>, field: string): StatusCause[] {
  const { labelSelector, name, path, signerName: signer } = bundle;
  const causes: StatusCause[] = [];
  if (name !== undefined && signer !== undefined) {
    causes.push(invalidValue(field, bundle, 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    causes.push(...invalidBy((text) => dns1123Subdomain(text.split(':').at(-1) ?? ''), `${field}.name`, name));
    if (labelSelector) {
      const rule = 'labelSelector must be unset if name is specified';
      causes.push(invalidValue(`${field}.labelSelector`, labelSelector, rule));
    }
  } else if (signer !== undefined) {
    causes.push(...invalidBy(signerName, `${field}.signerName`, signer));
    causes.push(...validateLabelSelector(labelSelector, `${field}.labelSelector`));
  } else causes.push(required(field, 'either name or signerName must be specified'));
  return [...causes, ...(path ? volumeFilePath(`${field}.path`, path) : [required(`${field}.path`)])];
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const maxSeconds = { kubernetes: 86_400, others: 7_862_400 };

function validateCertificate(certificate: Wire<V1PodCertificateProjection>, field: string): StatusCause[] {
  const { maxExpirationSeconds: seconds, signerName: signer = '' } = certificate;
  const causes = invalidBy(signerName, `${field}.signerName`, signer);
  causes.push(...oneOf(`${field}.keyType`, certificate.keyType, keyTypes));
  const most = /(?:^|\.)kubernetes\.io\//.test(signer) ? maxSeconds.kubernetes : maxSeconds.others;
  if (seconds !== undefined && (seconds < 3600 || seconds > most)) {
    const rule = `if provided, maxExpirationSeconds must be ${seconds < 3600 ? '>= 3600' : `<= ${most}`}`;
    causes.push(invalidValue(`${field}.maxExpirationSeconds`, seconds, rule));
  }
  const paths = (['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const).filter((at) => certificate[at]);
  if (paths.length === 0) {
    const rule = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
    causes.push(required(field, rule));
  }
  return [...causes, ...paths.flatMap((at) => volumeFilePath(`${field}.${at}`, certificate[at] ?? ''))];
}

type Source = Wire<V1VolumeProjection>;

function validateSource(source: Source, { at, field }: { at: string; field: string }, paths: Paths): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const kind of ['secret', 'configMap'] as const) {
    const { items = [], name } = source[kind] ?? {};
    if (!source[kind]) continue;
    if (!name) causes.push(required(`${at}.${kind}.name`));
    causes.push(...validateKeys(items, `${at}.${kind}.items`));
    causes.push(...items.flatMap(({ path }) => paths.take(path, name ?? '')));
  }
  for (const file of source.downwardAPI?.items ?? []) {
    causes.push(...validateDownwardFile(file, `${at}.downwardAPI`), ...paths.take(file.path));
  }
  const { clusterTrustBundle: bundle, podCertificate: certificate, serviceAccountToken: token } = source;
  if (token) causes.push(...validateToken(token, `${at}.serviceAccountToken`, field));
  if (bundle) causes.push(...validateBundle(bundle, `${at}.clusterTrustBundle`), ...paths.take(bundle.path));
  if (certificate) {
    causes.push(...validateCertificate(certificate, `${at}.podCertificate`));
    for (const path of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
      causes.push(...paths.take(certificate[path]));
    }
  }
  if (Object.values(source).filter((kind) => kind !== undefined).length > 1) {
    causes.push(forbiddenField(at, 'may not specify more than 1 volume type per source'));
  }
  return causes;
}

/** A volume that is put together from several sources (upstream: validateProjectedVolumeSource). */
export function validateProjected(
  { defaultMode, sources }: Wire<V1ProjectedVolumeSource>,
  field: string,
): StatusCause[] {
  const paths = new Paths(field);
  return [
    ...fileMode(`${field}.defaultMode`, defaultMode),
    ...(sources ?? []).flatMap((source, index) =>
      validateSource(source, { at: `${field}.sources[${index}]`, field }, paths),
    ),
  ];
}
