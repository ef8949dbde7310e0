import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { bool, list, text } from '../flags.ts';
import { createGenerated, generatorFlags } from './create/generator.ts';

/** `kubectl run`: one Pod of one image. */
export const command = defineCommand({
  usage:
    'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--command] -- [COMMAND] [args...]',
  summary: 'Create and run a particular image in a pod.',
  flags: {
    ...generatorFlags,
    image: text(),
    env: list(),
    port: text(),
    labels: text('l'),
    annotations: list(),
    restart: text(undefined, 'Always'),
    command: bool(),
    stdin: bool('i'),
    tty: bool('t'),
    rm: bool(),
    attach: bool(),
    expose: bool(),
    quiet: bool('q'),
    'image-pull-policy': text(),
    overrides: text(),
    privileged: bool(),
    'pod-running-timeout': text(undefined, '1m'),
  },
  async run(session, { flags, args, dash }) {
    const [name, ...more] = args;
    if (name === undefined) throw new CommandError('NAME is required for run');
    if (!flags.image) throw new CommandError('required flag(s) "image" not set');
    if (!['Always', 'OnFailure', 'Never'].includes(flags.restart))
      throw new CommandError(`invalid restart policy: ${flags.restart}`);
    const words = dash === undefined ? more : args.slice(Math.max(1, dash));
    const interactive = flags.stdin || flags.tty || flags.attach;
    if (flags.rm && !interactive) throw new CommandError('--rm should only be used for attached containers');
    const env = flags.env.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new CommandError(`invalid env: ${pair}`);
      return { name: pair.slice(0, equals), value: pair.slice(equals + 1) };
    });
    const container = {
      ...(words.length > 0 && { [flags.command ? 'command' : 'args']: words }),
      ...(env.length > 0 && { env }),
      image: flags.image,
      ...(flags['image-pull-policy'] && { imagePullPolicy: flags['image-pull-policy'] }),
      name,
      ...(flags.port && { ports: [{ containerPort: Number(flags.port) }] }),
      resources: {},
      ...(flags.privileged && { securityContext: { privileged: true } }),
      ...(flags.stdin && { stdin: true, stdinOnce: true }),
      ...(flags.tty && { tty: true }),
    };
    const labels = flags.labels
      ? Object.fromEntries(flags.labels.split(',').map((pair) => pair.split('=')))
      : { run: name };
    const annotations = Object.fromEntries(flags.annotations.map((pair) => pair.split('=')));
    await createGenerated(session, {
      flags: { ...flags, 'field-manager': flags['field-manager'] ?? 'kubectl-run' },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          ...(flags.annotations.length > 0 && { annotations }),
          creationTimestamp: null,
          labels,
          name,
        },
        spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: flags.restart },
        status: {},
      },
    });
    if (interactive) await (await import('./attach-to-new-pod.ts')).attachToNewPod(session, { name, flags });
  },
});
