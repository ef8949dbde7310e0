import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from './container-defaults.ts';
import { defaultPodSpec, type PodSpec } from './defaults.ts';
import { validatePodSpec, validateRunningTemplate } from './validation.ts';
import type { Volume } from './volume-defaults.ts';

const container = (more: object = {}): Container => ({ name: 'c', image: 'i', ...more });
// The cases are what a client may send, which the types do not always allow.
const spec = (more: object = {}): PodSpec => ({ containers: [container()], ...more }) as PodSpec;
const withContainer = (more: object): PodSpec => spec({ containers: [container(more)] });
const withVolume = (source: object): PodSpec => spec({ volumes: [{ name: 'v', ...source } as Volume] });
const withInit = (more: object): PodSpec => spec({ initContainers: [container({ name: 'i', ...more })] });
const withEnv = (variable: object): PodSpec => withContainer({ env: [variable] });
const withSecurity = (context: object): PodSpec => spec({ securityContext: context });
const must = 'requiredDuringSchedulingIgnoredDuringExecution';
const nodeTerm = (requirement: object): PodSpec =>
  spec({ affinity: { nodeAffinity: { [must]: { nodeSelectorTerms: [{ matchExpressions: [requirement] }] } } } });
const podTerm = (term: object): PodSpec =>
  spec({ affinity: { podAffinity: { [must]: [{ topologyKey: 'z', ...term }] } } });
const http = { httpGet: { port: 80 } };
const claims = [{ name: 'x', resourceClaimName: 'claim' }];

function causesOf(given: PodSpec, pod?: string): string[] {
  const defaulted = structuredClone(given);
  defaultPodSpec(defaulted);
  const causes = validatePodSpec(defaulted, 'spec', pod === undefined ? {} : { pod });
  return causes.map(({ field, reason = '' }) => `${reason.replace('FieldValue', '')} ${field}`);
}

const accepted: Record<string, PodSpec> = {
  'a container': spec(),
  'ports that differ': withContainer({ ports: [{ containerPort: 80 }, { containerPort: 81, name: 'web' }] }),
  'a variable with any printable name': withEnv({ name: 'a.b c', value: 'x' }),
  'a variable from an annotation': withEnv({
    name: 'A',
    valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a/b']" } },
  }),
  'a variable from a limit': withEnv({
    name: 'A',
    valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } },
  }),
  'a variable from a file': spec({
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [
      container({ env: [{ name: 'A', valueFrom: { fileKeyRef: { key: 'K', path: 'p', volumeName: 'v' } } }] }),
    ],
  }),
  'a restart policy of its own with rules': withContainer({
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
  }),
  'a sidecar with a probe': withInit({ restartPolicy: 'Always', readinessProbe: http }),
  'a mounted volume': spec({
    volumes: [{ name: 'v' }],
    containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'a/b' }] })],
  }),
  'a probe of a named port': withContainer({ livenessProbe: { tcpSocket: { port: 'web' } } }),
  'a grpc probe': withContainer({ startupProbe: { grpc: { port: 1 } } }),
  'a sleep before the end': withContainer({ lifecycle: { preStop: { sleep: { seconds: 0 } } } }),
  'a device in equal numbers': withContainer({ resources: { limits: { 'a.b/c': '1' }, requests: { 'a.b/c': '1' } } }),
  'resources of the whole Pod': spec({ resources: { requests: { cpu: '1' } } }),
  'dns of its own': spec({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a_b.c.', '.'] } }),
  'a projected token': withVolume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
  'a claim made for the Pod': withVolume({
    ephemeral: {
      volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    },
  }),
  'a toleration of everything': spec({ tolerations: [{ operator: 'Exists' }] }),
  'a node by name': spec({
    affinity: {
      nodeAffinity: {
        [must]: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }] },
      },
    },
  }),
  'host network': spec({
    hostNetwork: true,
    containers: [container({ ports: [{ containerPort: 80, hostPort: 80 }] })],
  }),
  'a claim of a device': spec({
    resourceClaims: claims,
    containers: [container({ resources: { claims: [{ name: 'x' }] } })],
  }),
};

for (const [what, given] of Object.entries(accepted)) {
  test(`${what} is accepted`, () => assert.deepEqual(causesOf(given, 'p'), []));
}

const refused: Record<string, [PodSpec, ...string[]]> = {
  'no container': [spec({ containers: [] }), 'Required spec.containers'],
  'no name': [withContainer({ name: '' }), 'Required spec.containers[0].name'],
  'a name in capitals': [withContainer({ name: 'C' }), 'Invalid spec.containers[0].name'],
  'a name twice': [spec({ containers: [container(), container()] }), 'Duplicate spec.containers[1].name'],
  'no image': [withContainer({ image: '' }), 'Required spec.containers[0].image'],
  'an unknown pull policy': [
    withContainer({ imagePullPolicy: 'Often' }),
    'NotSupported spec.containers[0].imagePullPolicy',
  ],
  'an unknown message policy': [
    withContainer({ terminationMessagePolicy: 'x' }),
    'NotSupported spec.containers[0].terminationMessagePolicy',
  ],
  'no port': [withContainer({ ports: [{ containerPort: 0 }] }), 'Required spec.containers[0].ports[0].containerPort'],
  'a port too high': [
    withContainer({ ports: [{ containerPort: 65536 }] }),
    'Invalid spec.containers[0].ports[0].containerPort',
  ],
  'a port of no protocol': [
    withContainer({ ports: [{ containerPort: 1, protocol: 'tcp' }] }),
    'NotSupported spec.containers[0].ports[0].protocol',
  ],
  'a port name twice': [
    withContainer({
      ports: [
        { containerPort: 1, name: 'a' },
        { containerPort: 2, name: 'a' },
      ],
    }),
    'Duplicate spec.containers[0].ports[1].name',
  ],
  'a host port twice': [
    withContainer({
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    }),
    'Duplicate spec.containers[0].ports[1].hostPort',
  ],
  'a host port that is not the port': [
    spec({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80, hostPort: 81 }] })] }),
    'Invalid spec.containers[0].ports[0].hostPort',
  ],
  'a variable with "="': [withEnv({ name: 'a=b' }), 'Invalid spec.containers[0].env[0].name'],
  'a variable without source': [withEnv({ name: 'A', valueFrom: {} }), 'Invalid spec.containers[0].env[0].valueFrom'],
  'a variable with value and source': [
    withEnv({ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
    'Invalid spec.containers[0].env[0].valueFrom',
  ],
  'a field that no variable has': [
    withEnv({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }),
    'NotSupported spec.containers[0].env[0].valueFrom.fieldRef.fieldPath',
  ],
  'a field that no Pod has': [
    withEnv({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.color' } } }),
    'Invalid spec.containers[0].env[0].valueFrom.fieldRef.fieldPath',
  ],
  'a divisor that does not fit': [
    withEnv({ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } } }),
    'Invalid spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor',
  ],
  'a file in no volume': [
    withEnv({ name: 'A', valueFrom: { fileKeyRef: { key: 'K', path: 'p', volumeName: 'v' } } }),
    'NotFound spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName',
  ],
  'an envFrom of nothing': [withContainer({ envFrom: [{}] }), 'Invalid spec.containers[0].envFrom'],
  'an envFrom without name': [
    withContainer({ envFrom: [{ configMapRef: {} }] }),
    'Required spec.containers[0].envFrom[0].configMapRef.name',
  ],
  'a mount of no volume': [
    withContainer({ volumeMounts: [{ name: 'x', mountPath: '/x' }] }),
    'NotFound spec.containers[0].volumeMounts[0].name',
  ],
  'a path twice': [
    spec({
      volumes: [{ name: 'v' }],
      containers: [
        container({
          volumeMounts: [
            { name: 'v', mountPath: '/x' },
            { name: 'v', mountPath: '/x' },
          ],
        }),
      ],
    }),
    'Invalid spec.containers[0].volumeMounts[1].mountPath',
  ],
  'a path out of the volume': [
    spec({
      volumes: [{ name: 'v' }],
      containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/x', subPath: '../y' }] })],
    }),
    'Invalid spec.containers[0].volumeMounts.subPath',
  ],
  'a device of a directory': [
    spec({ volumes: [{ name: 'v' }], containers: [container({ volumeDevices: [{ name: 'v', devicePath: '/x' }] })] }),
    'Invalid spec.containers[0].volumeDevices[0].name',
  ],
  'mounts that spread to the host': [
    spec({
      volumes: [{ name: 'v' }],
      containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/x', mountPropagation: 'Bidirectional' }] })],
    }),
    'Forbidden spec.containers[0].volumeMounts.mountPropagation',
  ],
  'a probe of nothing': [withContainer({ readinessProbe: {} }), 'Required spec.containers[0].readinessProbe'],
  'a probe of two things': [
    withContainer({ readinessProbe: { ...http, exec: { command: ['x'] } } }),
    'Forbidden spec.containers[0].readinessProbe.httpGet',
  ],
  'a liveness probe that must succeed twice': [
    withContainer({ livenessProbe: { ...http, successThreshold: 2 } }),
    'Invalid spec.containers[0].livenessProbe.successThreshold',
  ],
  'a negative delay': [
    withContainer({ startupProbe: { ...http, initialDelaySeconds: -1 } }),
    'Invalid spec.containers[0].startupProbe.initialDelaySeconds',
  ],
  'a readiness probe that kills': [
    withContainer({ readinessProbe: { ...http, terminationGracePeriodSeconds: 1 } }),
    'Invalid spec.containers[0].readinessProbe.terminationGracePeriodSeconds',
  ],
  'a header that is none': [
    withContainer({ readinessProbe: { httpGet: { port: 1, httpHeaders: [{ name: 'a b', value: '' }] } } }),
    'Invalid spec.containers[0].readinessProbe.httpGet.httpHeaders',
  ],
  'an empty command': [
    withContainer({ lifecycle: { preStop: { exec: {} } } }),
    'Required spec.containers[0].lifecycle.preStop.exec.command',
  ],
  'a sleep beyond the grace period': [
    withContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    'Invalid spec.containers[0].lifecycle.preStop.sleep',
  ],
  'a request over the limit': [
    withContainer({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'Invalid spec.containers[0].resources.requests',
  ],
  'a negative limit': [
    withContainer({ resources: { limits: { cpu: '-1' } } }),
    'Invalid spec.containers[0].resources.limits[cpu]',
  ],
  'an unknown resource': [
    withContainer({ resources: { requests: { gold: '1' } } }),
    'Invalid spec.containers[0].resources.requests[gold]',
    'Invalid spec.containers[0].resources.requests[gold]',
  ],
  'half a device': [
    withContainer({ resources: { limits: { 'a.b/c': '500m' } } }),
    'Invalid spec.containers[0].resources.limits[a.b/c]',
  ],
  'huge pages alone': [
    withContainer({ resources: { limits: { 'hugepages-2Mi': '2Mi' } } }),
    'Forbidden spec.containers[0].resources',
  ],
  'a claim that the Pod lacks': [
    withContainer({ resources: { claims: [{ name: 'x' }] } }),
    'NotFound spec.containers[0].resources.claims[0]',
  ],
  'a Pod smaller than its containers': [
    spec({ resources: { requests: { cpu: '1' } }, containers: [container({ resources: { requests: { cpu: '2' } } })] }),
    'Invalid spec.resources.requests[cpu]',
  ],
  'a resize policy twice': [
    withContainer({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    }),
    'Duplicate spec.containers[0].resizePolicy[1]',
  ],
  'rules without a restart policy': [
    withContainer({ restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In' } }] }),
    'Required spec.containers[0].restartPolicy',
  ],
  'an initial container with a hook': [withInit({ lifecycle: {} }), 'Forbidden spec.initContainers[0].lifecycle'],
  'an initial container with a taken name': [withInit({ name: 'c' }), 'Duplicate spec.initContainers[0].name'],
  'an ephemeral container with a port': [
    spec({ ephemeralContainers: [container({ name: 'e', ports: [{ containerPort: 1 }] })] }),
    'Forbidden spec.ephemeralContainers[0].ports',
  ],
  'an ephemeral container for nobody': [
    spec({ ephemeralContainers: [container({ name: 'e', targetContainerName: 'x' })] }),
    'NotFound spec.ephemeralContainers[0].targetContainerName',
  ],
  'an unknown restart policy': [spec({ restartPolicy: 'Sometimes' }), 'NotSupported spec.restartPolicy'],
  'an unknown dns policy': [spec({ dnsPolicy: 'x' }), 'NotSupported spec.dnsPolicy'],
  'no dns at all': [spec({ dnsPolicy: 'None' }), 'Required spec.dnsConfig'],
  'four name servers': [
    spec({ dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] } }),
    'Invalid spec.dnsConfig.nameservers',
  ],
  'a search domain that is none': [spec({ dnsConfig: { searches: ['a b'] } }), 'Invalid spec.dnsConfig.searches[0]'],
  'an option without name': [spec({ dnsConfig: { options: [{ value: 'x' }] } }), 'Required spec.dnsConfig.options[0]'],
  'a host alias that is no address': [spec({ hostAliases: [{ ip: 'x' }] }), 'Invalid spec.hostAliases[0].ip'],
  'a bad host name': [spec({ hostname: 'A_' }), 'Invalid spec.hostname'],
  'two full host names': [
    spec({ hostnameOverride: 'a.b', setHostnameAsFQDN: true }),
    'Forbidden spec.hostnameOverride',
  ],
  'users of its own on the host network': [spec({ hostUsers: false, hostNetwork: true }), 'Forbidden spec.hostNetwork'],
  'a negative deadline': [spec({ activeDeadlineSeconds: -1 }), 'Invalid spec.activeDeadlineSeconds'],
  'a bad node selector': [spec({ nodeSelector: { 'a b': 'x' } }), 'Invalid spec.nodeSelector'],
  'a bad account name': [spec({ serviceAccountName: 'A' }), 'Invalid spec.serviceAccountName'],
  'a bad runtime class': [spec({ runtimeClassName: 'A' }), 'Invalid spec.runtimeClassName'],
  'a bad preemption policy': [spec({ preemptionPolicy: 'x' }), 'NotSupported spec.preemptionPolicy'],
  'negative overhead': [spec({ overhead: { cpu: '-1' } }), 'Invalid spec.overhead.limits[cpu]'],
  'a readiness gate that is no name': [
    spec({ readinessGates: [{ conditionType: 'a b' }] }),
    'Invalid spec.readinessGates[0].conditionType',
  ],
  'a scheduling gate twice': [
    spec({ schedulingGates: [{ name: 'a' }, { name: 'a' }] }),
    'Duplicate spec.schedulingGates[1]',
  ],
  'a toleration of no key': [spec({ tolerations: [{ operator: 'Equal' }] }), 'Invalid spec.tolerations[0].operator'],
  'a toleration of an unknown effect': [
    spec({ tolerations: [{ key: 'a', effect: 'x' }] }),
    'NotSupported spec.tolerations[0].effect',
  ],
  'seconds of a toleration that evicts nobody': [
    spec({ tolerations: [{ key: 'a', tolerationSeconds: 1 }] }),
    'Invalid spec.tolerations[0].effect',
  ],
  'no spread': [
    spec({ topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] }),
    'Invalid spec.topologySpreadConstraints[0].maxSkew',
  ],
  'a spread by no key': [
    spec({ topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'x' }] }),
    'Required spec.topologySpreadConstraints[0].topologyKey',
    'NotSupported spec.topologySpreadConstraints[0].whenUnsatisfiable',
  ],
  'an affinity to nothing': [
    spec({ affinity: { nodeAffinity: { [must]: { nodeSelectorTerms: [] } } } }),
    `Required spec.affinity.nodeAffinity.${must}.nodeSelectorTerms`,
  ],
  'an unknown operator': [
    nodeTerm({ key: 'a', operator: 'Near' }),
    `Invalid spec.affinity.nodeAffinity.${must}.nodeSelectorTerms[0].matchExpressions[0].operator`,
  ],
  'a comparison with two values': [
    nodeTerm({ key: 'a', operator: 'Gt', values: ['1', '2'] }),
    `Required spec.affinity.nodeAffinity.${must}.nodeSelectorTerms[0].matchExpressions[0].values`,
  ],
  'keys of labels without a selector': [
    podTerm({ matchLabelKeys: ['a'] }),
    `Forbidden spec.affinity.podAffinity.${must}[0].matchLabelKeys`,
  ],
  'a user that is no number of one': [withSecurity({ runAsUser: -1 }), 'Invalid spec.securityContext.runAsUser'],
  'a parameter of the kernel twice': [
    withSecurity({
      sysctls: [
        { name: 'kernel.x', value: '1' },
        { name: 'kernel.x', value: '1' },
      ],
    }),
    'Duplicate spec.securityContext.sysctls[1].name',
  ],
  'a profile without name': [
    withSecurity({ seccompProfile: { type: 'Localhost' } }),
    'Required spec.securityContext.seccompProfile.localhostProfile',
  ],
  'privileges that may not grow in a privileged container': [
    withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    'Invalid spec.containers[0].securityContext',
  ],
  'Windows options of a Linux Pod': [
    spec({ os: { name: 'linux' }, securityContext: { windowsOptions: {} } }),
    'Forbidden spec.securityContext.windowsOptions',
  ],
  'an unknown system': [spec({ os: { name: 'plan9' } }), 'NotSupported spec.os'],
  'a volume name twice': [spec({ volumes: [{ name: 'v' }, { name: 'v' }] }), 'Duplicate spec.volumes[1].name'],
  'two sources': [withVolume({ emptyDir: {}, hostPath: { path: '/' } }), 'Forbidden spec.volumes[0].hostPath'],
  'a path of the host that steps back': [
    withVolume({ hostPath: { path: '/a/../b' } }),
    'Invalid spec.volumes[0].hostPath.path',
  ],
  'a mode that is none': [
    withVolume({ secret: { secretName: 's', defaultMode: 512 } }),
    'Invalid spec.volumes[0].secret.defaultMode',
  ],
  'a key without path': [
    withVolume({ configMap: { name: 'm', items: [{ key: 'k' }] } }),
    'Required spec.volumes[0].configMap.items[0].path',
  ],
  'a file about nothing': [
    withVolume({ downwardAPI: { items: [{ path: 'p' }] } }),
    'Required spec.volumes[0].downwardAPI',
  ],
  'a projected path twice': [
    withVolume({
      projected: {
        sources: [
          { configMap: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
          { secret: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
        ],
      },
    }),
    'Invalid spec.volumes[0].projected',
  ],
  'a token for a minute': [
    withVolume({ projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 60 } }] } }),
    'Invalid spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds',
  ],
  'a claim template without storage': [
    withVolume({ ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }),
    'Required spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]',
  ],
  'an image volume that is pulled often': [
    withVolume({ image: { reference: 'i', pullPolicy: 'Often' } }),
    'NotSupported spec.volumes[0].image.pullPolicy',
  ],
};

for (const [what, [given, ...causes]] of Object.entries(refused)) {
  test(`${what} is refused`, () => assert.deepEqual(causesOf(given, 'p').sort(), causes.sort()));
}

/** Every source of a volume, empty: what it cannot be without. */
const drivers: Record<string, string[]> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  flexVolume: ['driver'],
  glusterfs: ['endpoints', 'path'],
  iscsi: ['iqn', 'targetPortal'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['image', 'monitors'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  storageos: ['volumeName'],
  vsphereVolume: ['volumePath'],
};
for (const [kind, fields] of Object.entries(drivers)) {
  test(`a volume of ${kind} without anything is refused`, () => {
    const expected = fields.map((field) => `Required spec.volumes[0].${kind}.${field}`);
    // A disk is of a kind by default, and that kind wants another URI.
    const more = kind === 'azureDisk' ? ['NotSupported spec.volumes[0].azureDisk.diskURI'] : [];
    assert.deepEqual(causesOf(withVolume({ [kind]: {} })).sort(), [...more, ...expected]);
  });
}

test('a template whose Pods are kept running restarts them always and has no deadline', () => {
  const given = spec({ restartPolicy: 'Never', activeDeadlineSeconds: 5 });
  defaultPodSpec(given);
  const causes = validateRunningTemplate({ spec: given }, 'spec.template', 'ReplicaSet');
  assert.deepEqual(
    causes.map(({ field, message }) => `${field}: ${message}`),
    [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
  );
});

test('a template may leave the ports of the host open that its Pods will have', () => {
  const given = spec({ hostNetwork: true, containers: [container({ ports: [{ containerPort: 80 }] })] });
  assert.deepEqual(causesOf(given), []);
});
