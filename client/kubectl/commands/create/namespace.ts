import { defineCommand } from '../../command.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create namespace NAME',
  summary: 'Create a namespace with the specified name.',
  flags: generatorFlags,
  async run(session, { flags, args }) {
    const name = nameOf(args, 'create namespace');
    const metadata = { creationTimestamp: null, name };
    await createGenerated(session, {
      flags,
      object: { apiVersion: 'v1', kind: 'Namespace', metadata, spec: {}, status: {} },
    });
  },
});
