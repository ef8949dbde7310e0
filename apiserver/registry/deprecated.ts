import { Quantity } from '@skiff/api/quantity';

/** Labels of Nodes that have newer names. */
export const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Volumes that nothing serves any more, or will soon. */
export const deprecatedVolumes = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

/** Storage is counted in whole bytes. */
export function fractionWarnings(amount: string | undefined, field: string): string[] {
  if (amount === undefined || Quantity.parse(amount).toMilli() % 1000n === 0n) return [];
  return [`${field}: fractional byte value "${amount}" is invalid, must be an integer`];
}

/** Annotations that became fields, as far as an object has them. */
export const annotationWarnings = (
  annotations: Readonly<Record<string, string>> | undefined,
  deprecated: Readonly<Record<string, string>>,
): string[] =>
  Object.entries(deprecated).flatMap(([key, why]) =>
    annotations?.[key] === undefined ? [] : [`metadata.annotations[${key}]: ${why}`],
  );

/** How the class of a volume was named before there was a field for it. */
export const classAnnotation = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
};
