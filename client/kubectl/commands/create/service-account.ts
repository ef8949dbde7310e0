import { defineCommand } from '../../command.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create serviceaccount NAME',
  summary: 'Create a service account with the specified name.',
  flags: generatorFlags,
  async run(session, { flags, args }) {
    const metadata = { creationTimestamp: null, name: nameOf(args, 'create serviceaccount') };
    await createGenerated(session, {
      flags,
      failing: 'failed to create serviceaccount',
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    });
  },
});
