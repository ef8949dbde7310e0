import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { duplicate, forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { dns1123Label, qualifiedName } from '@skiff/api/names';
import { Quantity } from '@skiff/api/quantity';
import type { StatusCause } from '@skiff/api/status';

type Requirements = Wire<V1ResourceRequirements>;
type NameRule = (name: string, field: string) => StatusCause[];

const forContainers = ['cpu', 'memory', 'ephemeral-storage'];
const forPods = ['cpu', 'memory'];
/** Resources that are counted in whole numbers. */
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const standard = new Set([
  ...['', 'requests.', 'limits.'].flatMap((prefix) => forContainers.map((name) => `${prefix}${name}`)),
  ...counted,
  'storage',
  'requests.storage',
]);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
/** Whether more can be asked for than there is: not of huge pages and devices. */
export const canOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);

/** What a resource may be called anywhere (upstream: validateResourceName). */
export function validateResourceName(name: string, field: string): StatusCause[] {
  const wrong = invalidBy(qualifiedName, field, name);
  if (wrong.length || name.includes('/')) return wrong;
  if (standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')) return [];
  return [invalidValue(field, name, 'must be a standard resource type or fully qualified')];
}

/** What a container can ask for (upstream: validateContainerResourceName). */
export function validateContainerResourceName(name: string, field: string): StatusCause[] {
  const causes = validateResourceName(name, field);
  if (!name.includes('/')) {
    if (forContainers.includes(name) || isHugePages(name)) return causes;
    return [...causes, invalidValue(field, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return causes;
  return [...causes, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

/** What a Pod as a whole can ask for (upstream: validatePodResourceName). */
export function validatePodResourceName(name: string, field: string): StatusCause[] {
  const causes = validateResourceName(name, field);
  if (causes.length || forPods.includes(name) || isHugePages(name)) return causes;
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])];
}

/** An amount of a resource: not negative, and whole where the resource is counted (upstream: ValidateResourceQuantityValue). */
export function validateAmount(name: string, amount: string, field: string): StatusCause[] {
  const quantity = Quantity.parse(amount);
  const causes: StatusCause[] = [];
  if (quantity.isNegative) causes.push(invalidValue(field, amount, 'must be greater than or equal to 0'));
  if ((counted.includes(name) || isExtended(name)) && quantity.toMilli() % 1000n !== 0n) {
    causes.push(invalidValue(field, amount, 'must be an integer'));
  }
  if (isHugePages(name)) {
    const page = Quantity.tryParse(name.slice('hugepages-'.length));
    const bytes = quantity.toBigInt();
    if (!page || page.isZero || bytes < 0n || bytes % page.toBigInt() !== 0n) {
      causes.push(invalidValue(field, amount, `${amount} is not positive integer multiple of ${name}`));
    }
  }
  return causes;
}

function validateClaims(claims: Requirements['claims'], known: ReadonlySet<string>, field: string): StatusCause[] {
  const seen = new Set<string>();
  return (claims ?? []).flatMap(({ name, request }, index) => {
    const at = `${field}[${index}]`;
    if (!name) return [required(at)];
    const causes: StatusCause[] = [];
    const key = request ? `${name}/${request}` : name;
    const overlaps = !request && [...seen].some((other) => other.startsWith(`${name}/`));
    if (seen.has(name) || seen.has(key) || overlaps) causes.push(duplicate(at, seen.has(key) ? key : name));
    if (request && !seen.has(name)) causes.push(...invalidBy(dns1123Label, `${at}.request`, request));
    seen.add(key);
    if (known.has(name)) return causes;
    const which = known.size ? `: ${[...known].sort().join(', ')}` : ' which is empty';
    const message = `Not found: ${JSON.stringify(name)}: must be one of the names in pod.spec.resourceClaims${which}`;
    return [...causes, { reason: 'FieldValueNotFound', field: at, message }];
  });
}

/** The rules of requests and limits (upstream: validateResourceRequirements); `claims` are the claims of the Pod. */
export function validateRequirements(
  { claims, limits = {}, requests = {} }: Requirements,
  field: string,
  options: { claims?: ReadonlySet<string>; nameRule?: NameRule } = {},
): StatusCause[] {
  const nameRule = options.nameRule ?? validateContainerResourceName;
  const causes: StatusCause[] = [];
  for (const [list, amounts] of Object.entries({ limits, requests })) {
    for (const [name, amount] of Object.entries(amounts)) {
      const at = `${field}.${list}[${name}]`;
      causes.push(...nameRule(name, at), ...validateAmount(name, amount, at));
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) {
      if (!canOvercommit(name)) {
        causes.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
      }
      continue;
    }
    const over = Quantity.parse(amount).compare(Quantity.parse(limit));
    if (over === 0 || (over < 0 && canOvercommit(name))) continue;
    const rule = canOvercommit(name) ? 'less than or equal to' : 'equal to';
    causes.push(invalidValue(`${field}.requests`, amount, `must be ${rule} ${name} limit of ${limit}`));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.some((name) => forPods.includes(name))) {
    causes.push(forbiddenField(field, 'HugePages require cpu or memory'));
  }
  return [...causes, ...validateClaims(claims, options.claims ?? new Set(), `${field}.claims`)];
}
