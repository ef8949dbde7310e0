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
        const { kind } = found.object;
        const refusal = `error retrieving rollbacker for "${kind}", no visitor method exists for { ${kind}}`;
        const { owner, known } = await revisionsOf(session, found, refusal);
        const { name } = owner.metadata;
        const wanted = Number(flags['to-revision']);
        const number = wanted > 0 ? wanted : [...known.keys()].at(-2);
        const revision = number === undefined ? undefined : known.get(number);
        if (!revision) throw new CommandError(notFoundText(owner, wanted));
        if (owner.kind === 'Deployment' && owner.spec && 'paused' in owner.spec && owner.spec.paused)
          throw new CommandError(
            `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
          );
        const template = withoutHash(revision.template);
        const resource = found.target.resource;
        if (isSameTemplate(template, owner.spec?.template)) {
          report.tell({
            object: found.object,
            resource,
            operation: `skipped rollback (current template already matches revision ${number})`,
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

function notFoundText({ kind, metadata }: { kind: string; metadata: { name: string } }, wanted: number): string {
  if (wanted > 0) return `unable to find specified revision ${wanted} in history`;
  if (kind === 'Deployment') return `no rollout history found for deployment ${JSON.stringify(metadata.name)}`;
  return 'no last revision to roll back to';
}
