import { apiVersionOf } from '@skiff/api/kinds';
import { defineCommand } from '../command.ts';

/** `kubectl api-versions`: the groups and versions that the server serves. */
export const command = defineCommand({
  usage: 'api-versions',
  summary: 'Print the supported API versions on the server, in the form of "group/version".',
  flags: {},
  async run(session) {
    for (const version of new Set((await session.resources.all()).map(apiVersionOf).toSorted())) session.out(version);
  },
});
