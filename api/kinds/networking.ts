import { clusterScoped, type Row, status } from './row.ts';

/** `networking.k8s.io/v1`. */
export const networkingKinds: readonly Row[] = [
  { kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], subresources: [status], model: 'V1Ingress' },
  { kind: 'IngressClass', plural: 'ingressclasses', ...clusterScoped, model: 'V1IngressClass' },
  { kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'], model: 'V1NetworkPolicy' },
  { kind: 'ServiceCIDR', plural: 'servicecidrs', ...clusterScoped, subresources: [status], model: 'V1ServiceCIDR' },
  { kind: 'IPAddress', plural: 'ipaddresses', shortNames: ['ip'], ...clusterScoped, model: 'V1IPAddress' },
];

/** `discovery.k8s.io/v1`. */
export const discoveryKinds: readonly Row[] = [
  { kind: 'EndpointSlice', plural: 'endpointslices', model: 'V1EndpointSlice' },
];
