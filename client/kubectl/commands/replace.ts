import { setTimeout as delay } from 'node:timers/promises';
import { isNotFound } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll, whileDoing } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { readManifests } from '../resources/manifests.ts';
import { qualifiedName } from '../resources/resource-mapper.ts';
import { fileFlags, targetOf } from '../resources/selection.ts';

/** `kubectl replace`: makes objects just what files say. */
export const command = defineCommand({
  usage: 'replace -f FILENAME',
  summary: 'Replace a resource by file name or stdin.',
  flags: {
    ...fileFlags,
    ...mutationFlags,
    force: bool(),
    'grace-period': text(undefined, '-1'),
    validate: text(undefined, 'strict'),
    subresource: text(),
  },
  async run(session, { flags }) {
    if (flags.filename.length === 0) throw new CommandError('must specify --filename to replace');
    const report = new MutationReport(session, flags);
    const dryRun = dryRunOf(flags);
    const errors: unknown[] = [];
    for await (const manifest of readManifests(session, flags.filename, flags)) {
      try {
        const { resource, namespace } = await targetOf(session, manifest);
        const client = session.client.objects(resource);
        const { object } = manifest;
        const key = { namespace, name: object.metadata.name };
        const write = {
          dryRun: dryRun === 'server',
          fieldManager: flags['field-manager'] ?? 'kubectl-replace',
          signal: session.signal,
        };
        if (flags.force) {
          const grace = Number(flags['grace-period']);
          await client.delete(key, grace >= 0 ? { gracePeriodSeconds: grace } : {}).catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
          session.out(`${qualifiedName(resource, '').slice(0, -1)} ${JSON.stringify(key.name)} deleted`);
          while (
            await client.get(key).then(
              () => true,
              (error: unknown) => !isNotFound(error),
            )
          ) {
            await delay(100, undefined, { signal: session.signal });
          }
          report.tell({ object: await client.create(object, write), resource, operation: 'replaced' });
          continue;
        }
        const current = await client.get(key, { signal: session.signal });
        const resourceVersion = object.metadata.resourceVersion ?? current.metadata.resourceVersion;
        const wanted = { ...object, metadata: { ...object.metadata, ...(resourceVersion && { resourceVersion }) } };
        const replaced = dryRun === 'client' ? object : await client.update(wanted, write);
        report.tell({ object: replaced, resource, operation: 'replaced' });
      } catch (error) {
        errors.push(whileDoing(error, `error when replacing ${JSON.stringify(manifest.source)}`));
      }
    }
    throwAll(errors);
  },
});
