import { defineCommand } from '../../command.ts';
import { isSameTemplate, withoutHash } from '../../describe/same-template.ts';
import { CommandError } from '../../failure.ts';
import { text } from '../../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../../mutation.ts';
import { revisionsOf } from './revisions.ts';
import { eachTarget, rolloutFlags } from './targets.ts';

/** `kubectl rollout undo`: back to the Pod template of an earlier revision. */
export const command = defineCommand({
  usage: 'rollout undo (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'Roll back to a previous rollout.',
  flags: { ...rolloutFlags, ...mutationFlags, 'to-revision': text(undefined, '0') },
  async run(session, { flags, args }) {
    const report = new MutationReport(session, flags);
    const dryRun = dryRunOf(flags);
    await eachTarget(session, {
      flags,
      args,
      act: async (found) => {
        const { deployment, sets } = await revisionsOf(session, found);
        const { name } = deployment.metadata;
        const wanted = Number(flags['to-revision']);
        const revisions = [...sets.keys()];
        const revision = wanted > 0 ? wanted : revisions.at(-2);
        const set = revision === undefined ? undefined : sets.get(revision);
        if (!set)
          throw new CommandError(
            wanted > 0
              ? `unable to find specified revision ${wanted} in history`
              : `no rollout history found for deployment ${JSON.stringify(name)}`,
          );
        if (deployment.spec?.paused)
          throw new CommandError(
            `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
          );
        const template = withoutHash(set.spec?.template);
        const resource = found.target.resource;
        if (isSameTemplate(template, deployment.spec?.template)) {
          report.tell({
            object: found.object,
            resource,
            operation: `skipped rollback (current template already matches revision ${revision})`,
          });
          return;
        }
        if (dryRun !== 'client') {
          const patch = [{ op: 'replace', path: '/spec/template', value: template }];
          await session.client.objects(resource).patch({ namespace: found.target.namespace, name }, patch, {
            type: 'json',
            dryRun: dryRun === 'server',
            fieldManager: flags['field-manager'] ?? 'kubectl-rollout',
            signal: session.signal,
          });
        }
        report.tell({ object: found.object, resource, operation: 'rolled back' });
      },
    });
  },
});
