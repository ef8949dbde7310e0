import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { text } from '../../flags.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create job NAME --image=IMAGE -- [COMMAND] [args...]',
  summary: 'Create a job with the specified name.',
  flags: { ...generatorFlags, image: text() },
  async run(session, { flags, args, dash }) {
    const name = nameOf(dash === undefined ? args : args.slice(0, dash), 'create job');
    const words = dash === undefined ? [] : args.slice(dash);
    if (!flags.image) throw new CommandError('either --image or --from must be specified');
    const container = { ...(words.length > 0 && { command: words }), image: flags.image, name, resources: {} };
    await createGenerated(session, {
      flags,
      failing: 'failed to create job',
      object: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { creationTimestamp: null, name },
        spec: {
          template: {
            metadata: { creationTimestamp: null },
            spec: { containers: [container], restartPolicy: 'Never' },
          },
        },
        status: {},
      },
    });
  },
});
