import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { cidr, isSubnet } from '@skiff/api/ip';
import { portName, portNumber } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { NetworkPolicy } from '@skiff/api/types';
import { defineStrategy } from './define-strategy.ts';
import { countGeneration } from './spec-and-status.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;
type Ingress = NonNullable<Spec['ingress']>[number];
type Port = NonNullable<Ingress['ports']>[number];
type Peer = NonNullable<Ingress['from']>[number];

const protocols = ['TCP', 'UDP', 'SCTP'];
const directions = ['Ingress', 'Egress'];

const numbered = (value: number, field: string): StatusCause[] =>
  portNumber(value).map((rule) => invalidValue(field, value, rule));

function validatePort({ protocol, port, endPort }: Port, field: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (protocol !== undefined && !protocols.includes(protocol)) {
    causes.push(notSupported(`${field}.protocol`, protocol, protocols));
  }
  const end = `${field}.endPort`;
  if (typeof port === 'number') {
    causes.push(...numbered(port, `${field}.port`));
    if (endPort === undefined) return causes;
    if (endPort < port) causes.push(invalidValue(end, endPort, 'must be greater than or equal to `port`'));
    return [...causes, ...numbered(endPort, end)];
  }
  if (endPort !== undefined) {
    const state = port === undefined ? 'not specified' : 'non-numeric';
    causes.push(invalidValue(end, endPort, `may not be specified when \`port\` is ${state}`));
  }
  return port === undefined ? causes : [...causes, ...invalidBy(portName, `${field}.port`, port)];
}

function validateBlock(block: NonNullable<Peer['ipBlock']>, field: string): StatusCause[] {
  if (!block.cidr) return [required(`${field}.cidr`)];
  const causes = invalidBy(cidr, `${field}.cidr`, block.cidr);
  if (causes.length) return causes;
  return (block.except ?? []).flatMap((range, index) => {
    const path = `${field}.except[${index}]`;
    const wrong = invalidBy(cidr, path, range);
    if (wrong.length || isSubnet(range, block.cidr)) return wrong;
    return [invalidValue(path, range, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: Peer, field: string): StatusCause[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [required(field, 'must specify a peer')];
  const both = ipBlock && (podSelector || namespaceSelector);
  return [
    ...validateLabelSelector(podSelector, `${field}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${field}.ipBlock`) : []),
    ...(both ? [forbiddenField(field, 'may not specify both ipBlock and another peer')] : []),
  ];
}

const validateRule = (
  field: string,
  ports: readonly Port[] | undefined,
  peers: { name: string; list: readonly Peer[] | undefined },
): StatusCause[] => [
  ...(ports ?? []).flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)),
  ...(peers.list ?? []).flatMap((peer, index) => validatePeer(peer, `${field}.${peers.name}[${index}]`)),
];

function validate({ spec }: NetworkPolicy): StatusCause[] {
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec ?? {};
  const causes = [
    ...validateLabelSelector(podSelector, 'spec.podSelector'),
    ...ingress.flatMap(({ ports, from }, index) =>
      validateRule(`spec.ingress[${index}]`, ports, { name: 'from', list: from }),
    ),
    ...egress.flatMap(({ ports, to }, index) => validateRule(`spec.egress[${index}]`, ports, { name: 'to', list: to })),
  ];
  if (policyTypes.length > directions.length) {
    return [...causes, invalidValue('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes')];
  }
  const wrong = policyTypes.flatMap((type, index) =>
    directions.includes(type) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, directions)],
  );
  return [...causes, ...wrong];
}

/** Upstream: pkg/registry/networking/networkpolicy. */
export const networkPolicyStrategy = defineStrategy<NetworkPolicy>({
  default(policy) {
    policy.spec ??= { podSelector: {} };
    const { spec } = policy;
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports ?? []) port.protocol ??= 'TCP';
    }
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  prepareForCreate(policy) {
    policy.metadata.generation = 1;
  },
  prepareForUpdate: (policy, old) => countGeneration(policy, old),
  validate,
});
