import { kindNamed } from '@skiff/api/kinds';
import type { Pod } from '@skiff/api/types';
import type { User } from '../registry/strategy.ts';
import type { Caches } from '../watch/caches.ts';
import type { CacheEvent } from '../watch/event.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { Attributes, Authorizer, Decision, ResourceAttributes } from './attributes.ts';
import { type PolicyRule, ruleAllows } from './rules.ts';

const reads = ['get', 'list', 'watch'];

/** What every node may do, whichever objects it is about: the world that its Pods and its proxier live in. */
const everyNode: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['services', 'nodes', 'pods', 'namespaces'], verbs: reads },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: reads },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews', 'localsubjectaccessreviews'],
    verbs: ['create'],
  },
];

/** A node registers under its own name; that the body of a create says no other is admission's to check. */
const ownNode: PolicyRule = {
  apiGroups: [''],
  resources: ['nodes', 'nodes/status'],
  verbs: ['create', 'update', 'patch'],
};
const ownLease: PolicyRule = {
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  verbs: ['get', 'create', 'update', 'patch', 'delete'],
};
const ownPods: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
  { apiGroups: [''], resources: ['pods/status'], verbs: ['update', 'patch'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
];
const referenced: PolicyRule = { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: reads };
const ownTokens: PolicyRule = { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] };

const leaseNamespace = 'kube-node-lease';
/** Every Pod trusts the cluster's authority by it. */
const rootCertificates = 'kube-root-ca.crt';

/**
 * What a node agent may do: see the cluster, write what is its node's own, and read what the Pods on its node refer to (upstream:
 * plugin/pkg/auth/authorizer/node, the same with a graph). So a node that is taken over has the secrets of its Pods, not of all.
 */
export class NodeAuthorizer implements Authorizer {
  readonly #pods: ResourceCache;
  /** The keys of the Pods on each node. */
  readonly #byNode = new Map<string, Set<string>>();

  /** Follows the Pods as long as the caches live. */
  constructor(caches: Caches) {
    this.#pods = caches.of(kindNamed('Pod'));
    for (const { key, object } of this.#pods.list().items) this.#add(nodeOf(object), key);
    this.#pods.subscribe({ onEvent: (event) => this.#follow(event), onGone: () => {} });
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeNameOf(attributes.user);
    if (!node || !attributes.resource) return { allowed: false, reason: '' };
    const allowed = (rule: PolicyRule): boolean => ruleAllows(rule, attributes);
    if (everyNode.some(allowed) || this.#own(node, attributes.resource, allowed)) {
      return { allowed: true, reason: `node "${node}"` };
    }
    return { allowed: false, reason: `no relationship found between node "${node}" and this object` };
  }

  #own(node: string, resource: ResourceAttributes, allowed: (rule: PolicyRule) => boolean): boolean {
    const { namespace, name } = resource;
    if (allowed(ownNode)) return !name || name === node;
    if (allowed(ownLease)) return namespace === leaseNamespace && (!name || name === node);
    if (!name) return false;
    if (ownPods.some(allowed)) return nodeOf(this.#pods.get(namespace, name)?.object) === node;
    if (allowed(referenced)) return this.#some(node, namespace, (pod) => refersTo(pod, resource.plural, name));
    if (allowed(ownTokens))
      return this.#some(node, namespace, ({ spec }) => (spec?.serviceAccountName || 'default') === name);
    return false;
  }

  #some(node: string, namespace: string | undefined, test: (pod: Pod) => boolean): boolean {
    const start = `${this.#pods.prefix}${namespace ?? ''}/`;
    for (const key of this.#byNode.get(node) ?? []) {
      const found = key.startsWith(start) && this.#pods.get(namespace, key.slice(start.length));
      // The cache of Pods holds Pods.
      if (found && test(found.object as Pod)) return true;
    }
    return false;
  }

  #follow({ type, current, previous }: CacheEvent): void {
    const before = nodeOf(previous?.object);
    const now = type === 'DELETED' ? '' : nodeOf(current.object);
    if (before === now) return;
    this.#byNode.get(before)?.delete(current.key);
    this.#add(now, current.key);
  }

  #add(node: string, key: string): void {
    if (!node) return;
    const keys = this.#byNode.get(node) ?? new Set();
    this.#byNode.set(node, keys.add(key));
  }
}

/** The node that a user is, by its certificate. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  const prefix = 'system:node:';
  return name.startsWith(prefix) && groups.includes('system:nodes') ? name.slice(prefix.length) : undefined;
}

/** Empty where the Pod is not scheduled, or none. */
const nodeOf = (object: object | undefined): string => (object as Pod | undefined)?.spec?.nodeName ?? '';

/** Whether a Pod mounts the object, reads variables from it, or pulls images with it. */
function refersTo({ spec }: Pod, plural: string, name: string): boolean {
  if (!spec) return false;
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  if (plural === 'secrets') {
    return (
      !!spec.imagePullSecrets?.some((secret) => secret.name === name) ||
      !!spec.volumes?.some(
        ({ secret, projected }) =>
          secret?.secretName === name || projected?.sources?.some((source) => source.secret?.name === name),
      ) ||
      containers.some(
        ({ env, envFrom }) =>
          env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name) ||
          envFrom?.some(({ secretRef }) => secretRef?.name === name),
      )
    );
  }
  return (
    name === rootCertificates ||
    !!spec.volumes?.some(
      ({ configMap, projected }) =>
        configMap?.name === name || projected?.sources?.some((source) => source.configMap?.name === name),
    ) ||
    containers.some(
      ({ env, envFrom }) =>
        env?.some(({ valueFrom }) => valueFrom?.configMapKeyRef?.name === name) ||
        envFrom?.some(({ configMapRef }) => configMapRef?.name === name),
    )
  );
}
