import type { Pod } from '@skiff/api/types';
import { methodRefused } from '../http/failures.ts';
import type { ResourceRequestInfo } from '../request-info.ts';
import type { Services } from '../routes/services.ts';
import { podTarget } from './pod-target.ts';
import { proxyTarget } from './proxy-target.ts';
import type { ConnectTarget } from './target.ts';

const connects: Readonly<Record<string, readonly string[]>> = {
  pods: ['exec', 'attach', 'portforward', 'proxy'],
  services: ['proxy'],
  nodes: ['proxy'],
};

/** Whether a request is answered by somebody else than the API server: in a Pod, by a Service, on a node. */
export function isConnect({ group, resource, subresource, name }: ResourceRequestInfo): boolean {
  return group === '' && name !== '' && (connects[resource]?.includes(subresource) ?? false);
}

/** Where such a request goes on to. Throws what kube-apiserver answers where it can't. */
export function connectTarget(
  info: ResourceRequestInfo,
  { query, search }: { query: URLSearchParams; search: string },
  services: Services,
): ConnectTarget {
  const { subresource, verb, namespace, name } = info;
  if (subresource === 'proxy') return proxyTarget(info, search, services);
  if (verb !== 'get' && verb !== 'create') throw methodRefused();
  const pod = services.resources.named('Pod').get({ namespace, name }).object as unknown as Pod; // the registry of Pods holds Pods
  return podTarget(pod, { subresource, query }, services);
}
