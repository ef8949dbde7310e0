/**
 * How fields merge, where it is not the default: a list is atomic, a map or struct merges member by member. The declarations of
 * @kubernetes/client-node lack this (upstream: the `x-kubernetes-list-type`, `x-kubernetes-list-map-keys`,
 * `x-kubernetes-map-type`, `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key` of the OpenAPI document).
 */
export interface MergeRule {
  /** For server-side apply: how the entries of a list are told apart. */
  readonly list: 'atomic' | 'set' | 'map';
  /** Of a `map` list. */
  readonly keys: readonly string[];
  /** For server-side apply: a map or struct that has one owner as a whole. */
  readonly atomic: boolean;
  /** For strategic merge patches; a list merges by `mergeKey`, or as a set without it. */
  readonly patch: {
    readonly merge: boolean;
    readonly mergeKey: string | undefined;
    readonly retainKeys: boolean;
    readonly replace: boolean;
  };
}

interface Exception {
  list?: 'set' | 'map';
  keys?: readonly string[];
  atomic?: boolean;
  patch?: Partial<MergeRule['patch']>;
}

/** Lists that both kinds of patch merge by the same key; strategic merge uses the first where there are several. */
const by = (...keys: string[]): Exception => ({ list: 'map', keys, patch: { merge: true, mergeKey: keys[0] } });
const retaining = (exception: Exception): Exception => ({
  ...exception,
  patch: { ...exception.patch, retainKeys: true },
});
/** Lists that only strategic merge merges. */
const onlyPatch = (exception: Exception): Exception => ({ patch: exception.patch ?? {} });
/** Lists that only server-side apply merges. */
const onlyApply = ({ list, keys }: Exception): Exception => ({ ...(list && { list }), ...(keys && { keys }) });
const set: Exception = { list: 'set' };
const mergedSet: Exception = { list: 'set', patch: { merge: true } };
const atomicMap: Exception = { atomic: true };

const container: Readonly<Record<string, Exception>> = {
  env: by('name'),
  ports: by('containerPort', 'protocol'),
  volumeMounts: by('mountPath'),
  volumeDevices: by('devicePath'),
};
const conditions = { conditions: by('type') };

const exceptions: Readonly<Record<string, Readonly<Record<string, Exception>>>> = {
  V1ObjectMeta: { ownerReferences: by('uid'), finalizers: mergedSet },
  V1PodSpec: {
    containers: by('name'),
    initContainers: by('name'),
    ephemeralContainers: by('name'),
    imagePullSecrets: by('name'),
    schedulingGates: by('name'),
    resourceClaims: retaining(by('name')),
    volumes: retaining(by('name')),
    hostAliases: by('ip'),
    topologySpreadConstraints: by('topologyKey', 'whenUnsatisfiable'),
    nodeSelector: atomicMap,
  },
  V1Container: container,
  V1EphemeralContainer: container,
  V1ResourceRequirements: { claims: onlyApply(by('name')) },
  V1PodStatus: {
    ...conditions,
    podIPs: by('ip'),
    hostIPs: onlyPatch(by('ip')),
    resourceClaimStatuses: retaining(by('name')),
  },
  V1ContainerStatus: { volumeMounts: by('mountPath'), allocatedResourcesStatus: by('name') },
  V1ServiceAccount: { secrets: by('name') },
  V1ServiceSpec: { ports: by('port', 'protocol'), selector: atomicMap },
  V1ServiceStatus: conditions,
  V1NamespaceStatus: conditions,
  V1NodeSpec: { podCIDRs: mergedSet },
  V1NodeStatus: { ...conditions, addresses: by('type') },
  V1DeploymentSpec: { strategy: { patch: { retainKeys: true } } },
  V1DeploymentStatus: conditions,
  V1ReplicaSetStatus: conditions,
  V1StatefulSetStatus: conditions,
  V1DaemonSetStatus: conditions,
  V1PersistentVolumeClaimStatus: conditions,
  V1JobStatus: { conditions: onlyPatch(by('type')) },
  V1UncountedTerminatedPods: { failed: set, succeeded: set },
  V1PodDisruptionBudgetSpec: { selector: { patch: { replace: true } } },
  V1PodDisruptionBudgetStatus: conditions,
  V1ServiceCIDRStatus: conditions,
  V1CustomResourceDefinitionStatus: { conditions: onlyApply(by('type')) },
  V1JSONSchemaProps: { 'x-kubernetes-validations': by('rule') },
  V1Endpoint: { addresses: set },
};

const atomicModels: ReadonlySet<string> = new Set([
  'V1LabelSelector',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1OwnerReference',
  'V1LocalObjectReference',
  'V1TypedLocalObjectReference',
  'V1ObjectReference',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1EndpointAddress',
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'V1RoleRef',
  'RbacV1Subject',
  'FlowcontrolV1Subject',
  'V1ServiceBackendPort',
]);

/** Whether server-side apply gives all of this struct to one owner, wherever it occurs. */
export const isAtomicModel = (model: string): boolean => atomicModels.has(model);

const defaults: MergeRule = {
  list: 'atomic',
  keys: [],
  atomic: false,
  patch: { merge: false, mergeKey: undefined, retainKeys: false, replace: false },
};

/** How a field of a model merges. */
export function mergeRule(model: string, field: string): MergeRule {
  const found = exceptions[model]?.[field];
  return found ? { ...defaults, ...found, patch: { ...defaults.patch, ...found.patch } } : defaults;
}
