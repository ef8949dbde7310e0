import { dns1123Label } from '@skiff/api/names';
import { deprecatedNodeLabels, deprecatedVolumes, fractionWarnings } from '../deprecated.ts';
import { containerPaths } from './container-paths.ts';
import type { PodSpec, PodTemplate } from './defaults.ts';

interface HasMetadata {
  readonly metadata: { readonly generation?: number };
}

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** A name that would be no host name; `what` says what the name becomes. */
export function nameWarnings(name: string, what = 'is used in Pod names and hostnames'): string[] {
  const wrong = dns1123Label(name);
  if (wrong.length === 0) return [];
  const why = 'which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: this ${what}, ${why}: [${wrong.join(' ')}]`];
}

/** Whether there is anything to warn of that was not there to warn of before. */
export const isNews = ({ metadata }: HasMetadata, old: HasMetadata | undefined): boolean =>
  metadata.generation !== old?.metadata.generation;

function labelWarnings(spec: PodSpec, field: string): string[] {
  const warnings: string[] = [];
  const warn = (key: string | undefined, path: string, head = ''): void => {
    const message = deprecatedNodeLabels[key ?? ''];
    if (message) warnings.push(`${path}: ${head}${message}`);
  };
  for (const key of Object.keys(spec.nodeSelector ?? {})) warn(key, `${field}.nodeSelector[${key}]`);
  const must = 'requiredDuringSchedulingIgnoredDuringExecution';
  for (const [at, term] of (spec.affinity?.nodeAffinity?.[must]?.nodeSelectorTerms ?? []).entries()) {
    for (const [index, { key }] of (term.matchExpressions ?? []).entries()) {
      const path = `${field}.affinity.nodeAffinity.${must}.nodeSelectorTerms[${at}].matchExpressions[${index}].key`;
      warn(key, path, `${key} is `);
    }
  }
  for (const [index, { labelSelector, topologyKey }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${field}.topologySpreadConstraints[${index}]`;
    warn(topologyKey, `${at}.topologyKey`, `${topologyKey} is `);
    if (!labelSelector) {
      warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`);
    }
  }
  return warnings;
}

/** What is there twice and is merged or dropped by someone. */
function duplicateWarnings(spec: PodSpec, field: string): string[] {
  const warnings: string[] = [];
  const repeated = <T>(list: readonly T[] | undefined, key: (item: T) => string, path: (index: number) => string) => {
    const seen = new Set<string>();
    for (const [index, item] of (list ?? []).entries()) {
      if (seen.has(key(item))) warnings.push(`${path(index)} ${JSON.stringify(key(item))}`);
      seen.add(key(item));
    }
  };
  repeated(
    spec.hostAliases,
    ({ ip }) => ip,
    (index) => `${field}.hostAliases[${index}].ip: duplicate ip`,
  );
  repeated(
    spec.imagePullSecrets,
    ({ name }) => name ?? '',
    (index) => `${field}.imagePullSecrets[${index}].name: duplicate name`,
  );
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if (!name) warnings.push(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`);
  }
  for (const { container, path } of containerPaths(spec, field)) {
    const seen = new Set<string>();
    for (const [index, { name, value = '', valueFrom }] of (container.env ?? []).entries()) {
      const own = `$(${name})`;
      const hides = valueFrom !== undefined || value === own || !value.includes(own);
      if (seen.has(name) && hides) {
        const why = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
        warnings.push(`${path}.env[${index}]: ${why}`);
      }
      seen.add(name);
    }
  }
  return warnings;
}

function portWarnings(spec: PodSpec, field: string): string[] {
  const all: { path: string; containerPort: number; protocol: string; hostIP: string; hostPort: number }[] = [];
  const warnings: string[] = [];
  for (const { container, path } of containerPaths(spec, field)) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const { containerPort, hostIP = '', hostPort = 0, protocol = 'TCP' } = port;
      const own = { path: `${path}.ports[${index}]`, containerPort, protocol, hostIP, hostPort };
      if (hostIP && !hostPort) warnings.push(`${own.path}: hostIP set without hostPort: ${JSON.stringify(port)}`);
      for (const other of all) {
        if (other.containerPort !== containerPort || other.protocol !== protocol) continue;
        const same = other.hostIP === hostIP && other.hostPort === hostPort;
        const overlaps = !hostPort || !other.hostPort || (hostPort === other.hostPort && (!hostIP || !other.hostIP));
        if (same) warnings.push(`${own.path}: duplicate port definition with ${other.path}`);
        else if (overlaps) warnings.push(`${own.path}: overlapping port definition with ${other.path}`);
      }
      all.push(own);
    }
  }
  return warnings;
}

function amountWarnings(spec: PodSpec, field: string): string[] {
  const lists = containerPaths(spec, field).flatMap(({ container, path }) => [
    { path: `${path}.resources.limits`, amounts: container.resources?.limits },
    { path: `${path}.resources.requests`, amounts: container.resources?.requests },
  ]);
  return [{ path: `${field}.overhead`, amounts: spec.overhead }, ...lists].flatMap(({ path, amounts }) =>
    ['memory', 'ephemeral-storage'].flatMap((name) => {
      const amount = amounts?.[name];
      return fractionWarnings(amount, `${path}[${name}]`);
    }),
  );
}

function specWarnings(spec: PodSpec, field: string): string[] {
  const warnings = labelWarnings(spec, field);
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    for (const [kind, message] of Object.entries(deprecatedVolumes)) {
      // The table's own keys.
      if (volume[kind as keyof typeof deprecatedVolumes]) {
        warnings.push(`${field}.volumes[${index}].${kind}: ${message}`);
      }
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const rule = 'must be >= 0; negative values are invalid and will be treated as 1';
    warnings.push(`${field}.terminationGracePeriodSeconds: ${rule}`);
  }
  return [...warnings, ...duplicateWarnings(spec, field), ...portWarnings(spec, field), ...amountWarnings(spec, field)];
}

/** What works, and is likely not meant so (upstream: GetWarningsForPodTemplate). `field` is empty for a Pod itself. */
export function templateWarnings({ metadata, spec }: PodTemplate, field: string): string[] {
  const prefix = field === '' ? '' : `${field}.`;
  const annotations = Object.keys(metadata?.annotations ?? {}).flatMap((key) => {
    const message = deprecatedAnnotations[key];
    return message ? [`${prefix}metadata.annotations[${key}]: ${message}`] : [];
  });
  return [...annotations, ...(spec ? specWarnings(spec, `${prefix}spec`) : [])];
}
