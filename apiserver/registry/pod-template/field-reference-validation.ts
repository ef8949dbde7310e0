import type { V1ObjectFieldSelector, V1ResourceFieldSelector } from '@kubernetes/client-node';
import { invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';

/** Fields of a Pod that can be read at all (upstream: ConvertDownwardAPIFieldLabel); where they are used, fewer may be. */
const known = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.phase',
  'status.podIP',
  'status.podIPs',
]);

const conversionError = (version: string, path: string): string | undefined => {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  const [, owner] = /^(.+)\['.*'\]$/s.exec(path) ?? [];
  if (owner !== undefined) {
    if (owner === 'metadata.annotations' || owner === 'metadata.labels') return undefined;
    return `field label does not support subscript: ${path}`;
  }
  return known.has(path) || path === 'spec.host' ? undefined : `field label not supported: ${path}`;
};

/** The rules of a `fieldRef` (upstream: validateObjectFieldSelector); `supported` are the fields that can be used in its place. */
export function validateFieldReference(
  { apiVersion, fieldPath }: Wire<V1ObjectFieldSelector>,
  field: string,
  supported: readonly string[],
): StatusCause[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  const wrong = conversionError(apiVersion, fieldPath);
  if (wrong) return [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${wrong}`)];
  const [, owner, key = ''] = /^(.+)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  if (owner) return invalidBy(qualifiedName, field, owner === 'metadata.annotations' ? key.toLowerCase() : key);
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  return supported.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, supported)];
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const hugePages = /^(?:limits|requests)\.hugepages-/;
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

function validateDivisor(resource: string, divisor: string, field: string): StatusCause[] {
  if (divisor === '0' || divisor === '') return [];
  const [, name = ''] = resource.split('.');
  const [divisors, listed, what] = resource.endsWith('.cpu')
    ? [['1m', '1'], '1m and 1', 'cpu']
    : [
        byteDivisors,
        byteDivisors.join(', '),
        name.startsWith('hugepages-')
          ? 'hugepages'
          : name.replace('ephemeral', 'local ephemeral').replace('-storage', ' storage'),
      ];
  if (divisors.includes(divisor) || !(resources.includes(resource) || hugePages.test(resource))) return [];
  const rule = `only divisor's values ${listed} are supported with the ${what} resource`;
  return [invalidValue(`${field}.divisor`, resource, rule)];
}

/** The rules of a `resourceFieldRef` (upstream: validateContainerResourceFieldSelector); files must name the container. */
export function validateResourceReference(
  { containerName, divisor = '', resource = '' }: Wire<V1ResourceFieldSelector>,
  field: string,
  options: { inVolume: boolean },
): StatusCause[] {
  const causes: StatusCause[] = [];
  if (options.inVolume && !containerName) causes.push(required(`${field}.containerName`));
  else if (!resource) causes.push(required(`${field}.resource`));
  else if (!resources.includes(resource) && !hugePages.test(resource)) {
    causes.push(notSupported(`${field}.resource`, resource, resources));
  }
  return [...causes, ...validateDivisor(resource, divisor, field)];
}
