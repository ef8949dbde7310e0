import { defineCommand } from '../../command.ts';
import { describeTemplate } from '../../describe/pod-template.ts';
import { CommandError } from '../../failure.ts';
import { text } from '../../flags.ts';
import { describeTabs, TabWriter } from '../../print/tab-writer.ts';
import { qualifiedName } from '../../resources/resource-mapper.ts';
import { revisionsOf } from './revisions.ts';
import { eachTarget, rolloutFlags } from './targets.ts';

/** `kubectl rollout history`: the revisions of a Deployment, StatefulSet or DaemonSet, or the Pod template of one of them. */
export const command = defineCommand({
  usage: 'rollout history (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'View previous rollout revisions and configurations.',
  flags: { ...rolloutFlags, revision: text(undefined, '0'), output: text('o') },
  async run(session, { flags, args }) {
    const wanted = Number(flags.revision);
    await eachTarget(session, {
      flags,
      args,
      act: async (found) => {
        const refusal = `no history viewer has been implemented for ${JSON.stringify(found.object.kind)}`;
        const { known } = await revisionsOf(session, found, refusal);
        const name = qualifiedName(found.target.resource, found.object.metadata.name);
        if (wanted > 0) {
          const revision = known.get(wanted);
          if (!revision) throw new CommandError(`unable to find the specified revision`);
          session.out(`${name} with revision #${wanted}`);
          session.io.out(describeTemplate(revision.template));
          session.out('');
          return;
        }
        const lines = [...known].map(([revision, { cause }]) => `${revision}\t${cause || '<none>'}\n`);
        session.out(`${name} `);
        if (lines.length === 0) session.out('No rollout history found.');
        else session.io.out(new TabWriter(describeTabs).format(`REVISION\tCHANGE-CAUSE\n${lines.join('')}`));
        session.out('');
      },
    });
  },
});
