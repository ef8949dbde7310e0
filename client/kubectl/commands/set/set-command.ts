import type { KubeObject } from '@skiff/api/meta';
import type { Command } from '../../command.ts';
import { defineCommand } from '../../command.ts';
import { CommandError, throwAll } from '../../failure.ts';
import { bool, list } from '../../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../../mutation.ts';
import { findObjects } from '../../resources/find-objects.ts';
import { fileFlags, select, selectorFlags } from '../../resources/selection.ts';

interface SetWords {
  readonly name: string;
  readonly usage: string;
  /** Whether a word says what to set, and is none of the objects. */
  isSetting(word: string): boolean;
  /** The strategic merge patch for an object; undefined where nothing changes. */
  patch(
    object: KubeObject,
    settings: readonly string[],
    flags: { readonly containers: readonly string[] },
  ): object | undefined;
}

/** `kubectl set ...`: a patch of one part of objects, worked out from words like `name=value`. */
export function setCommand({ name, usage, isSetting, patch }: SetWords): Command {
  return defineCommand({
    usage: `set ${usage}`,
    summary: `Set ${name} on resources.`,
    flags: {
      ...fileFlags,
      ...mutationFlags,
      selector: selectorFlags.selector,
      all: bool(),
      local: bool(),
      containers: list('c'),
    },
    async run(session, { flags, args }) {
      const settings = args.filter(isSetting);
      if (settings.length === 0) throw new CommandError(`at least one ${name} update is required`);
      const selection = await select(session, {
        args: args.filter((word) => !isSetting(word)),
        files: flags.filename,
        recursive: flags.recursive,
        selected: flags.all || flags.selector !== undefined,
        hint: 'one or more resources must be specified as <resource> <name> or <resource>/<name>',
      });
      const report = new MutationReport(session, flags);
      const dryRun = dryRunOf(flags);
      const errors: unknown[] = [];
      const objects = findObjects(session, selection, {
        labelSelector: flags.selector,
        onError: (error) => void errors.push(error),
      });
      for await (const { object, target } of objects) {
        try {
          const change = patch(object, settings, flags);
          if (!change) continue;
          const written =
            dryRun === 'client'
              ? object
              : await session.client
                  .objects(target.resource)
                  .patch({ namespace: target.namespace, name: object.metadata.name }, change, {
                    type: name === 'selector' ? 'merge' : 'strategic',
                    dryRun: dryRun === 'server',
                    fieldManager: flags['field-manager'] ?? 'kubectl-set',
                    signal: session.signal,
                  });
          report.tell({ object: written, resource: target.resource, operation: `${name} updated` });
        } catch (error) {
          errors.push(error);
        }
      }
      throwAll(errors);
    },
  });
}
