import { withLastApplied } from '../../apply/last-applied.ts';
import { defineCommand } from '../../command.ts';
import { CommandError, throwAll, whileDoing } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../../mutation.ts';
import { readManifests } from '../../resources/manifests.ts';
import { fileFlags, targetOf } from '../../resources/selection.ts';

/** `kubectl create -f`: creates what files say. */
export const command = defineCommand({
  usage: 'create -f FILENAME',
  summary: 'Create a resource from a file or from stdin.',
  flags: {
    ...fileFlags,
    ...mutationFlags,
    'save-config': bool(),
    validate: text(undefined, 'strict'),
    edit: bool(),
  },
  async run(session, { flags, args }) {
    if (args.length > 0)
      throw new CommandError(
        `unknown command "${args[0]}": use a file, or create one of namespace, deployment, configmap, secret, service, serviceaccount, token, job, role, ...`,
      );
    if (flags.filename.length === 0) throw new CommandError('must specify one of -f and -k');
    const dryRun = dryRunOf(flags);
    const report = new MutationReport(session, flags);
    const errors: unknown[] = [];
    for await (const manifest of readManifests(session, flags.filename, flags)) {
      try {
        const { resource } = await targetOf(session, manifest);
        const wanted = flags['save-config'] ? withLastApplied(manifest.object) : manifest.object;
        const object =
          dryRun === 'client'
            ? wanted
            : await session.client.objects(resource).create(wanted, {
                dryRun: dryRun === 'server',
                fieldManager: flags['field-manager'] ?? 'kubectl-create',
                fieldValidation: ['false', 'ignore'].includes(flags.validate) ? 'Ignore' : 'Strict',
                signal: session.signal,
              });
        report.tell({ object, resource, operation: 'created' });
      } catch (error) {
        errors.push(whileDoing(error, `error when creating ${JSON.stringify(manifest.source)}`));
      }
    }
    throwAll(errors);
  },
});
