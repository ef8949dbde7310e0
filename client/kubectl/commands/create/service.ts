import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { list, text } from '../../flags.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

const types: Readonly<Record<string, string>> = {
  clusterip: 'ClusterIP',
  nodeport: 'NodePort',
  loadbalancer: 'LoadBalancer',
  externalname: 'ExternalName',
};

/** `kubectl create service (clusterip | nodeport | loadbalancer | externalname) NAME`. */
export const command = defineCommand({
  usage: 'create service (clusterip | nodeport | loadbalancer | externalname) NAME [--tcp=port:targetPort]',
  summary: 'Create a service using a specified subcommand.',
  flags: {
    ...generatorFlags,
    tcp: list(),
    clusterip: text(),
    'node-port': text(undefined, '0'),
    'external-name': text(),
  },
  async run(session, { flags, args }) {
    const [form = '', ...rest] = args;
    const type = types[form];
    if (!type) throw new CommandError(`create service needs one of: ${Object.keys(types).join(', ')}`);
    const name = nameOf(rest, `create service ${form}`);
    const headless = flags.clusterip === 'None';
    const given = flags.tcp.flatMap((value) => value.split(','));
    if (given.length === 0 && type !== 'ExternalName' && !headless)
      throw new CommandError('at least one tcp port specifier must be provided');
    const ports = given.map((value) => portOf(value, flags['node-port']));
    await createGenerated(session, {
      flags,
      failing: `failed to create ${type} service`,
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { creationTimestamp: null, labels: { app: name }, name },
        spec: {
          ...(flags.clusterip && { clusterIP: flags.clusterip }),
          ...(flags['external-name'] && { externalName: flags['external-name'] }),
          ...(ports.length > 0 && { ports }),
          selector: { app: name },
          type,
        },
        status: { loadBalancer: {} },
      },
    });
  },
});

/** `80`, `80:8080`, `80:http`. */
function portOf(given: string, nodePort: string): object {
  const [port = '', target = port] = given.split(':');
  const targetPort = /^\d+$/.test(target) ? Number(target) : target;
  if (!/^\d+$/.test(port)) throw new CommandError(`invalid port: ${JSON.stringify(given)}`);
  const name = `${port}${given.includes(':') ? `-${target}` : ''}`;
  return {
    name,
    ...(nodePort !== '0' && { nodePort: Number(nodePort) }),
    port: Number(port),
    protocol: 'TCP',
    targetPort,
  };
}
