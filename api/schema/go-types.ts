/**
 * Facts about Kubernetes' Go types that the declarations of @kubernetes/client-node lack. They decide how values are read and
 * what is written (upstream: staging/src/k8s.io/api). A fact names a field of all models (`readOnly`) or of one (`V1Pod.spec`).
 */
type Fields = Readonly<Record<string, readonly string[]>>;

/** Texts that are `resource.Quantity`. */
export const quantities: Fields = {
  V1ResourceRequirements: ['limits', 'requests'],
  V1VolumeResourceRequirements: ['limits', 'requests'],
  V1ContainerStatus: ['allocatedResources'],
  V1PodStatus: ['allocatedResources'],
  V1PodSpec: ['overhead'],
  V1NodeStatus: ['allocatable', 'capacity'],
  V1ResourceFieldSelector: ['divisor'],
  V1EmptyDirVolumeSource: ['sizeLimit'],
  V1PersistentVolumeSpec: ['capacity'],
  V1PersistentVolumeClaimStatus: ['capacity', 'allocatedResources'],
  V1ResourceQuotaSpec: ['hard'],
  V1ResourceQuotaStatus: ['hard', 'used'],
  V1LimitRangeItem: ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'],
  V1Overhead: ['podFixed'],
  V1CSIStorageCapacity: ['capacity', 'maximumVolumeSize'],
  V2MetricTarget: ['value', 'averageValue'],
  V2MetricValueStatus: ['value', 'averageValue'],
  V2HPAScalingRules: ['tolerance'],
};

const facts = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Optional numbers and booleans that are no pointers: 0 and false are the same as absent. */
const plainNumbers = facts(`
  generation denied authenticated code retryAfterSeconds availableReplicas fullyLabeledReplicas observedGeneration
  readyReplicas updatedReplicas unavailableReplicas minReadySeconds paused hostIPC hostNetwork hostPID hostPort nodePort
  readOnly sslEnabled chapAuthDiscovery chapAuthSession partition stdin stdinOnce tty failureThreshold
  initialDelaySeconds periodSeconds successThreshold timeoutSeconds count healthCheckNodePort publishNotReadyAddresses
  signal sizeBytes unschedulable V1ScaleSpec.replicas V1DeploymentStatus.replicas
  V1StatefulSetStatus.currentReplicas V1DaemonSetStatus.updatedNumberScheduled V1DaemonSetStatus.numberAvailable
  V1DaemonSetStatus.numberUnavailable V1JobStatus.active V1JobStatus.succeeded V1JobStatus.failed globalDefault
  V1ServiceBackendPort.number V2HorizontalPodAutoscalerStatus.currentReplicas deprecatedCount
  exclusiveMaximum exclusiveMinimum uniqueItems nullable x-kubernetes-embedded-resource x-kubernetes-int-or-string
  deprecated preserveUnknownFields V1CustomResourceColumnDefinition.priority
`);
/** The exceptions, which are pointers. */
const pointerNumbers = facts(`
  V1AzureDiskVolumeSource.readOnly V1CSIVolumeSource.readOnly V1ClientIPConfig.timeoutSeconds
  V1RollingUpdateStatefulSetStrategy.partition V2HorizontalPodAutoscalerStatus.observedGeneration
  V1HorizontalPodAutoscalerStatus.observedGeneration
  V1VolumeNodeResources.count
`);

/** Optional texts that are pointers: empty is not the same as absent. */
const pointerTexts = facts(`
  ipFamilyPolicy internalTrafficPolicy trafficDistribution loadBalancerClass appProtocol runtimeClassName preemptionPolicy hostnameOverride ipMode error recursiveReadOnly mountPropagation localhostProfile
  apiGroup procMount fsGroupChangePolicy seLinuxChangePolicy supplementalGroupsPolicy nodeAffinityPolicy
  nodeTaintsPolicy holderIdentity preferredHolder gmsaCredentialSpec gmsaCredentialSpecName runAsUserName
  V1LeaseSpec.strategy DiscoveryV1EndpointPort.name DiscoveryV1EndpointPort.protocol V1Endpoint.hostname
  V1Endpoint.nodeName V1Endpoint.zone V1EndpointAddress.nodeName V1Container.restartPolicy V1PodDNSConfigOption.value
  V1GRPCAction.service V1Preconditions.uid V1Preconditions.resourceVersion V1CSIVolumeSource.fsType
  V1ContainerStatus.stopSignal V1Lifecycle.stopSignal V1HostPathVolumeSource.type V1LocalVolumeSource.fsType
  V1AzureFilePersistentVolumeSource.secretNamespace V1PersistentVolumeClaimSpec.storageClassName volumeMode
  volumeAttributesClassName currentVolumeAttributesClassName V1TypedObjectReference.namespace completionMode
  podReplacementPolicy managedBy timeZone V1JobStatus.failedIndexes V1SuccessPolicyRule.succeededIndexes
  V1PodFailurePolicyOnExitCodesRequirement.containerName unhealthyPodEvictionPolicy ingressClassName
  V1IngressClassParametersReference.scope V1IngressClassParametersReference.namespace V1NetworkPolicyPort.protocol
  V1StorageClass.reclaimPolicy volumeBindingMode fsGroupPolicy V1VolumeAttachmentSource.persistentVolumeName
  V2HPAScalingRules.selectPolicy V1CustomResourceDefinitionVersion.deprecationWarning V1ValidationRule.reason
  V1CustomResourceSubresourceScale.labelSelectorPath
`);

/** Optional fields that are written even where they are empty: structs and times by value, lists without `omitempty`. */
const alwaysWritten = facts(`
  metadata V1CustomResourceDefinition.status V1CustomResourceDefinitionStatus.acceptedNames
  V1CustomResourceDefinitionStatus.conditions V1CustomResourceDefinitionStatus.storedVersions V1PodTemplateSpec.spec V1Pod.spec V1Pod.status V1Service.spec V1Service.status V1Deployment.spec
  V1Deployment.status V1ReplicaSet.spec V1ReplicaSet.status V1Namespace.spec V1Namespace.status V1Node.spec
  V1Node.status V1Lease.spec V1Scale.spec V1Scale.status V1ReplicaSetSpec.template V1DeploymentSpec.strategy
  V1Container.resources V1EphemeralContainer.resources V1ServiceStatus.loadBalancer V1ContainerStatus.state
  V1ContainerStatus.lastState V1NodeStatus.daemonEndpoints V1NodeStatus.nodeInfo V1NodeDaemonEndpoints.kubeletEndpoint
  V1EndpointSlice.endpoints V1EndpointSlice.ports V1Endpoint.conditions CoreV1Event.source CoreV1Event.firstTimestamp
  CoreV1Event.lastTimestamp CoreV1Event.eventTime CoreV1Event.reportingComponent CoreV1Event.reportingInstance
  V1PodCondition.lastProbeTime V1PodCondition.lastTransitionTime V1NodeCondition.lastHeartbeatTime
  V1NodeCondition.lastTransitionTime V1DeploymentCondition.lastUpdateTime V1DeploymentCondition.lastTransitionTime
  V1ReplicaSetCondition.lastTransitionTime V1NamespaceCondition.lastTransitionTime V1ContainerStateRunning.startedAt
  V1ContainerStateTerminated.startedAt V1ContainerStateTerminated.finishedAt V1TokenReview.status
  V1TokenReviewStatus.user V1SubjectAccessReview.status AuthenticationV1TokenRequest.status V1ResourceFieldSelector.divisor
  V1SelfSubjectReview.status V1SelfSubjectReviewStatus.userInfo V1TokenRequestSpec.boundObjectRef V1StatefulSet.spec
  V1StatefulSet.status V1StatefulSetSpec.updateStrategy V1StatefulSetSpec.serviceName V1StatefulSetOrdinals.start
  V1StatefulSetStatus.availableReplicas V1StatefulSetCondition.lastTransitionTime V1DaemonSet.spec V1DaemonSet.status
  V1DaemonSetSpec.updateStrategy V1DaemonSetCondition.lastTransitionTime V1Job.spec V1Job.status V1CronJob.spec
  V1CronJob.status V1JobTemplateSpec.spec V1JobCondition.lastProbeTime V1JobCondition.lastTransitionTime
  V1PodTemplate.template V1ReplicationController.spec V1ReplicationController.status
  V1ReplicationControllerCondition.lastTransitionTime V1PodDisruptionBudget.spec V1PodDisruptionBudget.status V1Ingress.spec
  V1Ingress.status V1IngressStatus.loadBalancer V1IngressClass.spec V1NetworkPolicy.spec V1NetworkPolicySpec.podSelector
  V1ServiceCIDR.spec V1ServiceCIDR.status V1IPAddress.spec V1ResourceQuota.spec V1ResourceQuota.status V1LimitRange.spec
  V1PersistentVolume.spec V1PersistentVolume.status V1PersistentVolumeClaim.spec V1PersistentVolumeClaim.status
  V1PersistentVolumeClaimSpec.resources V1PersistentVolumeClaimCondition.lastProbeTime
  V1PersistentVolumeClaimCondition.lastTransitionTime V1PersistentVolumeClaimTemplate.spec V1VolumeAttachment.status
  V1VolumeError.time V1CSINodeDriver.topologyKeys V2HorizontalPodAutoscaler.spec V2HorizontalPodAutoscaler.status
  V2HorizontalPodAutoscalerStatus.desiredReplicas V2HorizontalPodAutoscalerStatus.currentMetrics
  V2HorizontalPodAutoscalerCondition.lastTransitionTime V1PriorityClass.value EventsV1Event.eventTime
  EventsV1Event.regarding EventsV1Event.deprecatedSource EventsV1Event.deprecatedFirstTimestamp
  EventsV1Event.deprecatedLastTimestamp V1HorizontalPodAutoscaler.spec V1HorizontalPodAutoscaler.status
  V1PodDisruptionBudgetStatus.currentHealthy V1PodDisruptionBudgetStatus.desiredHealthy
  V1PodDisruptionBudgetStatus.disruptionsAllowed V1PodDisruptionBudgetStatus.expectedPods V1IngressServiceBackend.port
  V1Role.rules V1ClusterRole.rules CoreV1EventSeries.lastObservedTime
`);
/** Structs behind pointers without `omitempty`: null where they are absent. */
const nullStructs = facts(`
  V1DeploymentSpec.selector V1ReplicaSetSpec.selector V1StatefulSetSpec.selector V1DaemonSetSpec.selector V1IPAddressSpec.parentRef
  V1TokenRequestSpec.boundObjectRef
`);

const named = (set: ReadonlySet<string>, model: string, field: string): boolean =>
  set.has(`${model}.${field}`) || set.has(field);

/** Whether a zero in an optional number or boolean is left out. */
export const omitsZero = (model: string, field: string): boolean =>
  named(plainNumbers, model, field) && !named(pointerNumbers, model, field);
/** Whether an empty optional text is left out. */
export const omitsEmptyText = (model: string, field: string): boolean => !named(pointerTexts, model, field);
/** Whether an optional field is written even where it is empty. */
export const writesAlways = (model: string, field: string): boolean =>
  // The metadata of kinds, lists and templates is a struct by value everywhere.
  named(alwaysWritten, model, field);
/** Whether an absent struct that is written is null instead of empty. */
export const isNullStruct = (model: string, field: string): boolean => named(nullStructs, model, field);
