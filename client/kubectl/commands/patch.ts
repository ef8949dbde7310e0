import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { findObjects } from '../resources/find-objects.ts';
import { fileFlags, select } from '../resources/selection.ts';

/** `kubectl patch`: changes fields of an object by a patch of one of the three kinds. */
export const command = defineCommand({
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  summary: 'Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.',
  flags: {
    ...fileFlags,
    ...mutationFlags,
    patch: text('p'),
    'patch-file': text(),
    type: text(undefined, 'strategic'),
    subresource: text(),
    local: bool(),
  },
  async run(session, { flags, args }) {
    const { type } = flags;
    if (type !== 'strategic' && type !== 'merge' && type !== 'json')
      throw new CommandError(`--type must be one of [json merge strategic], not ${JSON.stringify(type)}`);
    const file = flags['patch-file'];
    const given = file ? readFileSync(resolve(session.io.cwd, file), 'utf8') : flags.patch;
    if (given === undefined)
      throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
    let patch: unknown;
    try {
      patch = parse(given);
    } catch (error) {
      throw new CommandError(
        `unable to parse ${JSON.stringify(given)}: ${error instanceof Error ? error.message : ''}`,
      );
    }
    const report = new MutationReport(session, { ...flags, 'dry-run': 'none' });
    const dryRun = dryRunOf(flags);
    const errors: unknown[] = [];
    const selection = await select(session, { args, files: flags.filename, recursive: flags.recursive });
    for await (const { object, target } of findObjects(session, selection, {
      onError: (error) => void errors.push(error),
    })) {
      try {
        const patched =
          dryRun === 'client'
            ? object
            : await session.client
                .objects(target.resource)
                .patch({ namespace: target.namespace, name: object.metadata.name }, patch, {
                  type,
                  dryRun: dryRun === 'server',
                  fieldManager: flags['field-manager'] ?? 'kubectl-patch',
                  ...(flags.subresource && { subresource: flags.subresource }),
                  signal: session.signal,
                });
        const changed = dryRun === 'client' || !isDeepStrictEqual(patched, object);
        report.tell({
          object: patched,
          resource: target.resource,
          operation: changed ? 'patched' : 'patched (no change)',
        });
      } catch (error) {
        errors.push(error);
      }
    }
    throwAll(errors);
  },
});
