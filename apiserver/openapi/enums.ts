/**
 * Texts of which Kubernetes lists all values there are (upstream: the types marked `+enum` in staging/src/k8s.io/api), by the name of their
 * Go type. The declarations of @kubernetes/client-node lack them: they are made of documents that were written without.
 */
const values: Readonly<Record<string, string>> = {
  AddressType: 'FQDN IPv4 IPv6',
  AppArmorProfileType: 'Localhost RuntimeDefault Unconfined',
  AzureDataDiskCachingMode: 'None ReadOnly ReadWrite',
  AzureDataDiskKind: 'Dedicated Managed Shared',
  ClaimResourceStatus:
    'ControllerResizeInProgress ControllerResizeInfeasible NodeResizeInProgress NodeResizeInfeasible NodeResizePending',
  CompletionMode: 'Indexed NonIndexed',
  ConcurrencyPolicy: 'Allow Forbid Replace',
  DNSPolicy: 'ClusterFirst ClusterFirstWithHostNet Default None',
  DaemonSetUpdateStrategyType: 'OnDelete RollingUpdate',
  DeploymentStrategyType: 'Recreate RollingUpdate',
  FieldValueErrorReason: 'FieldValueDuplicate FieldValueForbidden FieldValueInvalid FieldValueRequired',
  HostPathType: ' BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket',
  IPFamily: ' IPv4 IPv6',
  IPFamilyPolicy: 'PreferDualStack RequireDualStack SingleStack',
  MetricSourceType: 'ContainerResource External Object Pods Resource',
  ModifyVolumeStatus: 'InProgress Infeasible Pending',
  MountPropagationMode: 'Bidirectional HostToContainer None',
  NamespacePhase: 'Active Terminating',
  NodeInclusionPolicy: 'Honor Ignore',
  NodePhase: 'Pending Running Terminated',
  NodeSelectorOperator: 'DoesNotExist Exists Gt In Lt NotIn',
  PathType: 'Exact ImplementationSpecific Prefix',
  PersistentVolumeAccessMode: 'ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod',
  PersistentVolumeClaimPhase: 'Bound Lost Pending',
  PersistentVolumeMode: 'Block Filesystem',
  PersistentVolumePhase: 'Available Bound Failed Pending Released',
  PersistentVolumeReclaimPolicy: 'Delete Recycle Retain',
  PodFSGroupChangePolicy: 'Always OnRootMismatch',
  PodFailurePolicyAction: 'Count FailIndex FailJob Ignore',
  PodFailurePolicyOnExitCodesOperator: 'In NotIn',
  PodManagementPolicyType: 'OrderedReady Parallel',
  PodPhase: 'Failed Pending Running Succeeded Unknown',
  PodQOSClass: 'BestEffort Burstable Guaranteed',
  PodReplacementPolicy: 'Failed TerminatingOrFailed',
  PolicyType: 'Egress Ingress',
  PreemptionPolicy: 'Never PreemptLowerPriority',
  ProcMountType: 'Default Unmasked',
  Protocol: 'SCTP TCP UDP',
  PullPolicy: 'Always IfNotPresent Never',
  ResourceQuotaScope:
    'BestEffort CrossNamespacePodAffinity NotBestEffort NotTerminating PriorityClass Terminating VolumeAttributesClass',
  RestartPolicy: 'Always Never OnFailure',
  ScopeSelectorOperator: 'DoesNotExist Exists In NotIn',
  SeccompProfileType: 'Localhost RuntimeDefault Unconfined',
  ServiceAffinity: 'ClientIP None',
  ServiceExternalTrafficPolicy: 'Cluster Local',
  ServiceInternalTrafficPolicy: 'Cluster Local',
  ServiceType: 'ClusterIP ExternalName LoadBalancer NodePort',
  StatefulSetUpdateStrategyType: 'OnDelete RollingUpdate',
  SupplementalGroupsPolicy: 'Merge Strict',
  TaintEffect: 'NoExecute NoSchedule PreferNoSchedule',
  TerminationMessagePolicy: 'FallbackToLogsOnError File',
  TolerationOperator: 'Equal Exists Gt Lt',
  URIScheme: 'HTTP HTTPS',
  UnhealthyPodEvictionPolicyType: 'AlwaysAllow IfHealthyBudget',
  UnsatisfiableConstraintAction: 'DoNotSchedule ScheduleAnyway',
  VolumeBindingMode: 'Immediate WaitForFirstConsumer',
};

const upTo = (last: number, name: (n: number) => string): string[] =>
  Array.from({ length: last }, (_, index) => name(index + 1));

const signals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV'.split(' '),
  ...'STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(' '),
  ...upTo(14, (n) => `RTMAX-${n}`),
  ...upTo(15, (n) => `RTMIN+${n}`),
]
  .map((name) => `SIG${name}`)
  .sort();

/** The fields that hold such a text, or a list or map of them. */
const fields: Readonly<Record<string, string>> = {
  AddressType: 'V1EndpointSlice.addressType',
  AppArmorProfileType: 'V1AppArmorProfile.type',
  AzureDataDiskCachingMode: 'V1AzureDiskVolumeSource.cachingMode',
  AzureDataDiskKind: 'V1AzureDiskVolumeSource.kind',
  ClaimResourceStatus: 'V1PersistentVolumeClaimStatus.allocatedResourceStatuses',
  CompletionMode: 'V1JobSpec.completionMode',
  ConcurrencyPolicy: 'V1CronJobSpec.concurrencyPolicy',
  DNSPolicy: 'V1PodSpec.dnsPolicy',
  DaemonSetUpdateStrategyType: 'V1DaemonSetUpdateStrategy.type',
  DeploymentStrategyType: 'V1DeploymentStrategy.type',
  FieldValueErrorReason: 'V1ValidationRule.reason',
  HostPathType: 'V1HostPathVolumeSource.type',
  IPFamily: 'V1ServiceSpec.ipFamilies',
  IPFamilyPolicy: 'V1ServiceSpec.ipFamilyPolicy',
  MetricSourceType: 'V2MetricSpec.type V2MetricStatus.type',
  ModifyVolumeStatus: 'V1ModifyVolumeStatus.status',
  MountPropagationMode: 'V1VolumeMount.mountPropagation',
  NamespacePhase: 'V1NamespaceStatus.phase',
  NodeInclusionPolicy: 'V1TopologySpreadConstraint.nodeAffinityPolicy V1TopologySpreadConstraint.nodeTaintsPolicy',
  NodePhase: 'V1NodeStatus.phase',
  NodeSelectorOperator: 'V1NodeSelectorRequirement.operator',
  PathType: 'V1HTTPIngressPath.pathType',
  PersistentVolumeAccessMode:
    'V1PersistentVolumeSpec.accessModes V1PersistentVolumeClaimSpec.accessModes V1PersistentVolumeClaimStatus.accessModes',
  PersistentVolumeClaimPhase: 'V1PersistentVolumeClaimStatus.phase',
  PersistentVolumeMode: 'V1PersistentVolumeSpec.volumeMode V1PersistentVolumeClaimSpec.volumeMode',
  PersistentVolumePhase: 'V1PersistentVolumeStatus.phase',
  PersistentVolumeReclaimPolicy: 'V1PersistentVolumeSpec.persistentVolumeReclaimPolicy V1StorageClass.reclaimPolicy',
  PodFSGroupChangePolicy: 'V1PodSecurityContext.fsGroupChangePolicy',
  PodFailurePolicyAction: 'V1PodFailurePolicyRule.action',
  PodFailurePolicyOnExitCodesOperator: 'V1PodFailurePolicyOnExitCodesRequirement.operator',
  PodManagementPolicyType: 'V1StatefulSetSpec.podManagementPolicy',
  PodPhase: 'V1PodStatus.phase',
  PodQOSClass: 'V1PodStatus.qosClass',
  PodReplacementPolicy: 'V1JobSpec.podReplacementPolicy',
  PolicyType: 'V1NetworkPolicySpec.policyTypes',
  PreemptionPolicy: 'V1PodSpec.preemptionPolicy V1PriorityClass.preemptionPolicy',
  ProcMountType: 'V1SecurityContext.procMount',
  Protocol:
    'V1ContainerPort.protocol V1ServicePort.protocol CoreV1EndpointPort.protocol DiscoveryV1EndpointPort.protocol V1NetworkPolicyPort.protocol V1PortStatus.protocol',
  PullPolicy: 'V1Container.imagePullPolicy V1EphemeralContainer.imagePullPolicy V1ImageVolumeSource.pullPolicy',
  ResourceQuotaScope: 'V1ResourceQuotaSpec.scopes V1ScopedResourceSelectorRequirement.scopeName',
  RestartPolicy: 'V1PodSpec.restartPolicy',
  ScopeSelectorOperator: 'V1ScopedResourceSelectorRequirement.operator',
  SeccompProfileType: 'V1SeccompProfile.type',
  ServiceAffinity: 'V1ServiceSpec.sessionAffinity',
  ServiceExternalTrafficPolicy: 'V1ServiceSpec.externalTrafficPolicy',
  ServiceInternalTrafficPolicy: 'V1ServiceSpec.internalTrafficPolicy',
  ServiceType: 'V1ServiceSpec.type',
  Signal: 'V1Lifecycle.stopSignal V1ContainerStatus.stopSignal',
  StatefulSetUpdateStrategyType: 'V1StatefulSetUpdateStrategy.type',
  SupplementalGroupsPolicy: 'V1PodSecurityContext.supplementalGroupsPolicy',
  TaintEffect: 'V1Taint.effect V1Toleration.effect',
  TerminationMessagePolicy: 'V1Container.terminationMessagePolicy V1EphemeralContainer.terminationMessagePolicy',
  TolerationOperator: 'V1Toleration.operator',
  URIScheme: 'V1HTTPGetAction.scheme',
  UnhealthyPodEvictionPolicyType: 'V1PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy',
  UnsatisfiableConstraintAction: 'V1TopologySpreadConstraint.whenUnsatisfiable',
  VolumeBindingMode: 'V1StorageClass.volumeBindingMode',
};

const byField = new Map(
  Object.entries(fields).flatMap(([type, names]) => {
    const all = type === 'Signal' ? signals : (values[type]?.split(' ').sort() ?? []);
    return names.split(' ').map((name) => [name, all] as const);
  }),
);

/** All values of a field, where Kubernetes lists them. */
export const enumOf = (model: string, field: string): readonly string[] | undefined => byField.get(`${model}.${field}`);

/** The fields that have such values: `V1ServiceSpec.type`. */
export const enumFields: Iterable<string> = byField.keys();
