import type { V1PodSpec } from '@kubernetes/client-node';
import type { KubeObject } from '@skiff/api/meta';
import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { text } from '../flags.ts';
import { podSelectorOf } from '../resources/pods-of.ts';
import { fileFlags, select } from '../resources/selection.ts';
import { createGenerated, generatorFlags } from './create/generator.ts';

const exposable = new Set(['Pod', 'Service', 'Deployment', 'ReplicaSet', 'ReplicationController']);

/** `kubectl expose`: a Service for the Pods that an object stands for. */
export const command = defineCommand({
  usage:
    'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  summary: 'Expose a resource as a new Kubernetes service.',
  flags: {
    ...generatorFlags,
    ...fileFlags,
    name: text(),
    port: text(),
    protocol: text(),
    'target-port': text(),
    type: text(),
    selector: text(),
    labels: text('l'),
    'external-ip': text(),
    'load-balancer-ip': text(),
    'cluster-ip': text(),
    'session-affinity': text(),
  },
  async run(session, { flags, args }) {
    const { targets } = await select(session, {
      args,
      files: flags.filename,
      hint: 'You must provide one or more resources by argument or filename.',
    });
    for (const { resource, namespace, name = '' } of targets) {
      const object = await session.client.objects(resource).get({ namespace, name }, { signal: session.signal });
      if (!exposable.has(object.kind)) throw new CommandError(`cannot expose a ${object.kind}`);
      const selector = flags.selector ?? selectorText(object);
      if (!selector)
        throw new CommandError(
          `couldn't retrieve selectors via --selector flag or introspection: the ${object.kind.toLowerCase()} has no labels and cannot be exposed`,
        );
      const given = flags.port
        ? flags.port.split(',').map((port) => ({ port: Number(port), protocol: undefined }))
        : portsOf(object);
      if (given.length === 0) throw new CommandError("couldn't find port via --port flag or introspection");
      const ports = given.map(({ port, protocol }, at) => ({
        ...(given.length > 1 && { name: `port-${at + 1}` }),
        port,
        protocol: flags.protocol ?? protocol ?? 'TCP',
        targetPort: targetPort(flags['target-port']) ?? port,
      }));
      const labels = flags.labels ? mapOf(flags.labels) : object.metadata.labels;
      const spec = {
        ...(flags['cluster-ip'] && { clusterIP: flags['cluster-ip'] }),
        ...(flags['external-ip'] && { externalIPs: [flags['external-ip']] }),
        ...(flags['load-balancer-ip'] && { loadBalancerIP: flags['load-balancer-ip'] }),
        ports,
        selector: mapOf(selector),
        ...(flags['session-affinity'] && { sessionAffinity: flags['session-affinity'] }),
        ...(flags.type && { type: flags.type }),
      };
      await createGenerated(session, {
        flags: { ...flags, 'field-manager': flags['field-manager'] ?? 'kubectl-expose' },
        operation: 'exposed',
        object: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { creationTimestamp: null, ...(labels && { labels }), name: flags.name ?? name },
          spec,
          status: { loadBalancer: {} },
        },
      });
    }
  },
});

function selectorText(object: KubeObject): string | undefined {
  if (object.kind !== 'Pod') return podSelectorOf(object);
  const labels = Object.entries(object.metadata.labels ?? {});
  return labels.length > 0 ? labels.map(([name, value]) => `${name}=${value}`).join(',') : undefined;
}

/** The ports of a Service, or those of the containers of a Pod or of a template. */
function portsOf(object: KubeObject): { port: number; protocol: string | undefined }[] {
  if (object.kind === 'Service') {
    const { spec } = object as { spec?: { ports?: { port: number; protocol?: string }[] } }; // the kind says so
    return (spec?.ports ?? []).map(({ port, protocol }) => ({ port, protocol }));
  }
  const { spec } = object as { spec?: Partial<V1PodSpec> & { template?: { spec?: V1PodSpec } } }; // the kind says so
  const containers = (object.kind === 'Pod' ? spec?.containers : spec?.template?.spec?.containers) ?? [];
  return containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol }) => ({ port: containerPort, protocol })),
  );
}

const targetPort = (given: string | undefined): string | number | undefined =>
  given !== undefined && /^\d+$/.test(given) ? Number(given) : given;

function mapOf(selector: string): Record<string, string> {
  return Object.fromEntries(
    selector.split(',').map((pair) => {
      const [name = '', value] = pair.split('=');
      if (value === undefined)
        throw new CommandError(`only equality of labels can be exposed, not ${JSON.stringify(pair)}; use --selector`);
      return [name, value];
    }),
  );
}
