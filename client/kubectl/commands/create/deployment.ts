import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { list, text } from '../../flags.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create deployment NAME --image=IMAGE -- [COMMAND] [args...]',
  summary: 'Create a deployment with the specified name.',
  flags: { ...generatorFlags, image: list(), replicas: text('r', '1'), port: text() },
  async run(session, { flags, args, dash }) {
    const name = nameOf(dash === undefined ? args : args.slice(0, dash), 'create deployment');
    const words = dash === undefined ? [] : args.slice(dash);
    const images = flags.image.flatMap((given) => given.split(','));
    if (images.length === 0) throw new CommandError('required flag(s) "image" not set');
    if (images.length > 1 && words.length > 0)
      throw new CommandError('cannot specify multiple --image options and command');
    const labels = { app: name };
    const ports = flags.port && { ports: [{ containerPort: Number(flags.port) }] };
    const containers = images.map((image) => ({
      ...(words.length > 0 && { command: words }),
      image,
      name: containerName(image),
      ...ports,
      resources: {},
    }));
    await createGenerated(session, {
      flags,
      failing: 'failed to create deployment',
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { creationTimestamp: null, labels, name },
        spec: {
          replicas: Number(flags.replicas),
          selector: { matchLabels: labels },
          strategy: {},
          template: { metadata: { creationTimestamp: null, labels }, spec: { containers } },
        },
        status: {},
      },
    });
  },
});

/** `nginx` of `registry.example/team/nginx:1.2@sha256:...`, fit to be a name. */
export function containerName(image: string): string {
  const last = image.split('/').pop() ?? image;
  const bare = last.split(/[:@]/)[0] ?? last;
  return bare.toLowerCase().replace(/[^a-z0-9-]/g, '-');
}
