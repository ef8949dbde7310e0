import type { ConfigMap, EndpointSlice, Endpoints, Namespace, Secret, ServiceAccount } from '@skiff/api/types';
import { byBytes } from '../print/go-json.ts';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';

const head = ({ metadata }: { metadata: ConfigMap['metadata'] }): Lines =>
  new Lines()
    .add(`Name:\t${metadata.name}`)
    .add(`Namespace:\t${metadata.namespace ?? ''}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);

export const describeNamespace: Describer<Namespace> = async ({ metadata, status }, { session }) => {
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations)
    .add(`Status:\t${status?.phase ?? ''}`);
  // Not every server has quotas and limits.
  for (const [plural, what] of [
    ['resourcequotas', 'resource quota'],
    ['limitranges', 'LimitRange resource'],
  ] as const) {
    const resource = await session.resources.find(plural);
    if (!resource) continue;
    const { items } = await session.client.objects(resource).list({ namespace: metadata.name, signal: session.signal });
    if (items.length === 0) lines.raw(`\nNo ${what}.\n`);
    else for (const item of items) lines.raw(`\n${resource.kind}:\t${item.metadata.name}\n`);
  }
  return lines.text;
};

export const describeConfigMap: Describer<ConfigMap> = (configMap, { events }) => {
  const lines = head(configMap).raw('\nData\n====\n');
  for (const [name, value] of Object.entries(configMap.data ?? {}).toSorted(([a], [b]) => byBytes(a, b)))
    lines.raw(`${name}:\n----\n${value}\n\n`);
  lines.raw('\nBinaryData\n====\n');
  for (const [name, value] of Object.entries(configMap.binaryData ?? {}).toSorted(([a], [b]) => byBytes(a, b)))
    lines.raw(`${name}: ${Buffer.from(value, 'base64').length} bytes\n`);
  return lines.raw('\n').raw(events).text;
};

export const describeSecret: Describer<Secret> = (secret) => {
  const lines = head(secret).raw(`\nType:\t${secret.type ?? ''}\n\nData\n====\n`);
  for (const [name, value] of Object.entries(secret.data ?? {}).toSorted(([a], [b]) => byBytes(a, b))) {
    const bytes = Buffer.from(value, 'base64');
    const shown =
      name === 'token' && secret.type === 'kubernetes.io/service-account-token'
        ? bytes.toString()
        : `${bytes.length} bytes`;
    lines.raw(`${name}:\t${shown}\n`);
  }
  return lines.text;
};

export const describeServiceAccount: Describer<ServiceAccount> = (account, { events }) => {
  const lines = head(account);
  const names = (title: string, list: readonly { name?: string }[] | undefined): void => {
    const [first, ...rest] = (list ?? []).map(({ name = '' }) => name);
    lines.raw(`${title}:\t${first ?? '<none>'}\n`);
    for (const name of rest) lines.raw(`\t${name}\n`);
  };
  names('Image pull secrets', account.imagePullSecrets);
  names('Mountable secrets', account.secrets);
  names('Tokens', []);
  return lines.raw(events).text;
};

export const describeEndpoints: Describer<Endpoints> = (endpoints, { events }) => {
  const lines = head(endpoints).add('Subsets:');
  for (const { addresses, notReadyAddresses, ports } of endpoints.subsets ?? []) {
    const ips = (list: readonly { ip: string }[] | undefined): string =>
      (list ?? []).map(({ ip }) => ip).join(',') || '<none>';
    lines.add(`Addresses:\t${ips(addresses)}`, 1).add(`NotReadyAddresses:\t${ips(notReadyAddresses)}`, 1);
    if (ports?.length) {
      lines.add('Ports:', 1).add('Name\tPort\tProtocol', 2).add('----\t----\t--------', 2);
      for (const { name, port, protocol } of ports) lines.add(`${name || '<unset>'}\t${port}\t${protocol ?? 'TCP'}`, 2);
    }
    lines.raw('\n');
  }
  return lines.raw(events).text;
};

export const describeEndpointSlice: Describer<EndpointSlice> = (slice, { events }) => {
  const lines = head(slice).add(`AddressType:\t${slice.addressType}`);
  if (!slice.ports?.length) lines.add('Ports: <unset>');
  else {
    lines.add('Ports:').add('Name\tPort\tProtocol', 1).add('----\t----\t--------', 1);
    for (const { name, port, protocol } of slice.ports)
      lines.add(`${name || '<unset>'}\t${port ?? '<unset>'}\t${protocol ?? 'TCP'}`, 1);
  }
  if (!slice.endpoints?.length) lines.add('Endpoints: <none>');
  else {
    lines.add('Endpoints:');
    for (const { addresses, conditions, hostname, targetRef, nodeName, zone } of slice.endpoints) {
      lines.add(`- Addresses:\t${addresses.join(',')}`, 1).add('Conditions:', 2);
      lines.add(`Ready:\t${conditions?.ready ?? '<unset>'}`, 3);
      lines.add(`Hostname:\t${hostname ?? '<unset>'}`, 2);
      if (targetRef) lines.add(`TargetRef:\t${targetRef.kind}/${targetRef.name}`, 2);
      lines.add(`NodeName:\t${nodeName ?? '<unset>'}`, 2);
      lines.add(`Zone:\t${zone ?? '<unset>'}`, 2);
    }
  }
  return lines.raw(events).text;
};
