import { defineCommand } from '../../command.ts';
import { describeTemplate } from '../../describe/pod-template.ts';
import { CommandError } from '../../failure.ts';
import { text } from '../../flags.ts';
import { describeTabs, TabWriter } from '../../print/tab-writer.ts';
import { qualifiedName } from '../../resources/resource-mapper.ts';
import { revisionsOf } from './revisions.ts';
import { eachTarget, rolloutFlags } from './targets.ts';

/** `kubectl rollout history`: the revisions of a Deployment, or the Pod template of one of them. */
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
        const { sets } = await revisionsOf(session, found);
        const name = qualifiedName(found.target.resource, found.object.metadata.name);
        if (wanted > 0) {
          const set = sets.get(wanted);
          if (!set) throw new CommandError(`unable to find the specified revision`);
          session.out(`${name} with revision #${wanted}`);
          session.io.out(describeTemplate(set.spec?.template));
          session.out('');
          return;
        }
        const lines = [...sets].map(([revision, set]) => {
          const cause = set.metadata.annotations?.['kubernetes.io/change-cause'] || '<none>';
          return `${revision}\t${cause}\n`;
        });
        session.out(`${name} `);
        if (lines.length === 0) session.out('No rollout history found.');
        else session.io.out(new TabWriter(describeTabs).format(`REVISION\tCHANGE-CAUSE\n${lines.join('')}`));
        session.out('');
      },
    });
  },
});
