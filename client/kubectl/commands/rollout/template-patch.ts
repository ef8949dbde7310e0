import type { KubeObject } from '@skiff/api/meta';
import type { Command } from '../../command.ts';
import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../../mutation.ts';
import { eachTarget, rolloutFlags } from './targets.ts';

interface Change {
  readonly verb: string;
  readonly summary: string;
  readonly done: string;
  /** The merge patch; a text says why there is nothing to do. */
  patch(object: KubeObject): object | string;
}

/** `rollout restart`, `pause` and `resume`: a small patch of an object, each its own. */
export function patchingCommand({ verb, summary, done, patch }: Change): Command {
  return defineCommand({
    usage: `rollout ${verb} RESOURCE`,
    summary,
    flags: { ...rolloutFlags, ...mutationFlags },
    async run(session, { flags, args }) {
      const report = new MutationReport(session, flags);
      const dryRun = dryRunOf(flags);
      await eachTarget(session, {
        flags,
        args,
        act: async ({ object, target }) => {
          const change = patch(object);
          if (typeof change === 'string') throw new CommandError(change);
          const key = { namespace: target.namespace, name: object.metadata.name };
          if (dryRun !== 'client') {
            await session.client.objects(target.resource).patch(key, change, {
              dryRun: dryRun === 'server',
              fieldManager: flags['field-manager'] ?? 'kubectl-rollout',
              signal: session.signal,
            });
          }
          report.tell({ object, resource: target.resource, operation: done });
        },
      });
    },
  });
}

/** The part of an object's spec that these commands look at. */
export const specOf = (object: KubeObject): { paused?: boolean; template?: object } =>
  typeof object['spec'] === 'object' && object['spec'] !== null ? object['spec'] : {};
