import { invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { ipAddress, ipFamily } from '@skiff/api/ip';
import {
  dns1123Label,
  dns1123Subdomain,
  pathSegmentName,
  portName,
  portNumber,
  wildcardSubdomain,
} from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Ingress } from '@skiff/api/types';

type Spec = NonNullable<Ingress['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Path = NonNullable<NonNullable<Rule['http']>['paths']>[number];
type Backend = NonNullable<Spec['defaultBackend']>;

/** How the class was named before there was a field for it. */
export const classAnnotation = 'kubernetes.io/ingress.class';

const isIp = (text: string): boolean => ipFamily(text) !== undefined;
const host = (name: string): string[] => (name.includes('*') ? wildcardSubdomain(name) : dns1123Subdomain(name));

function validateBackend({ service, resource }: Backend, field: string): StatusCause[] {
  if (service && resource) return [invalidValue(field, '', 'cannot set both resource and service backends')];
  if (resource) {
    const path = `${field}.resource`;
    const named = (name: 'kind' | 'name'): StatusCause[] =>
      resource[name] ? invalidBy(pathSegmentName, `${path}.${name}`, resource[name]) : [required(`${path}.${name}`)];
    const group = resource.apiGroup;
    return [
      ...(group === undefined ? [] : invalidBy(dns1123Subdomain, `${path}.apiGroup`, group)),
      ...named('kind'),
      ...named('name'),
    ];
  }
  if (!service) return [invalidValue(field, '', 'resource or service backend is required')];
  const path = `${field}.service`;
  const causes = service.name ? invalidBy(dns1123Label, `${path}.name`, service.name) : [required(`${path}.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) return [...causes, invalidValue(field, '', 'cannot set both port name & port number')];
  if (name) return [...causes, ...invalidBy(portName, `${path}.port.name`, name)];
  if (!number) return [...causes, required(field, 'port name or number is required')];
  return [...causes, ...portNumber(number).map((rule) => invalidValue(`${path}.port.number`, number, rule))];
}

const wrongParts = ['//', '/./', '/../', '%2f', '%2F'];
const wrongEnds = ['/..', '/.'];

function validatePath({ path = '', pathType, backend }: Path, field: string): StatusCause[] {
  if (!pathType) return [required(`${field}.pathType`, 'pathType must be specified')];
  const causes: StatusCause[] = [];
  const refuse = (rule: string): number => causes.push(invalidValue(`${field}.path`, path, rule));
  const absolute = path.startsWith('/');
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!absolute) refuse('must be an absolute path');
    for (const part of wrongParts) if (path.includes(part)) refuse(`must not contain '${part}'`);
    for (const end of wrongEnds) if (path.endsWith(end)) refuse(`cannot end with '${end}'`);
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !absolute) refuse('must be an absolute path');
  } else {
    causes.push(notSupported(`${field}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
  }
  return [...causes, ...validateBackend(backend ?? {}, `${field}.backend`)];
}

function validateRule(rule: Rule, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (rule.host) {
    if (isIp(rule.host)) {
      causes.push(invalidValue(`${field}.host`, rule.host, 'must be a DNS name, not an IP address'));
    }
    causes.push(...invalidBy(host, `${field}.host`, rule.host));
  }
  if (!rule.http) return causes;
  const paths = rule.http.paths ?? [];
  if (!paths.length) causes.push(required(`${field}.http.paths`));
  return [...causes, ...paths.flatMap((path, index) => validatePath(path, `${field}.http.paths[${index}]`))];
}

/** Upstream: ValidateIngressSpec. */
export function validateIngress({ spec = {} }: Ingress): StatusCause[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  const empty = !rules.length && !defaultBackend;
  return [
    ...(empty ? [invalidValue('spec', rules, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)),
    ...tls.flatMap(({ hosts = [], secretName }, index) => [
      ...hosts.flatMap((name, at) => invalidBy(host, `spec.tls[${index}].hosts[${at}]`, name)),
      ...(secretName ? invalidBy(dns1123Subdomain, `spec.tls[${index}].secretName`, secretName) : []),
    ]),
    ...(ingressClassName === undefined ? [] : invalidBy(dns1123Subdomain, 'spec.ingressClassName', ingressClassName)),
  ];
}

/** A new one may not name two classes. */
export function validateClassNames({ metadata, spec }: Ingress): StatusCause[] {
  const annotated = metadata.annotations?.[classAnnotation];
  const named = spec?.ingressClassName;
  if (annotated === undefined || named === undefined || annotated === named) return [];
  const rule = 'must match `ingressClassName` when both are specified';
  return [invalidValue(`annotations.${classAnnotation}`, annotated, rule)];
}

export function validateIngressStatus({ status }: Ingress): StatusCause[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const field = `status.loadBalancer.ingress[${index}]`;
    const noName = hostname && isIp(hostname);
    return [
      ...(ip ? invalidBy(ipAddress, `${field}.ip`, ip) : []),
      ...(hostname ? invalidBy(dns1123Subdomain, `${field}.hostname`, hostname) : []),
      ...(noName ? [invalidValue(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
    ];
  });
}
