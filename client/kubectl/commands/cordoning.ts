import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { dryRunOf, mutationFlags } from '../mutation.ts';
import { type Found, findObjects } from '../resources/find-objects.ts';
import { select, selectorFlags } from '../resources/selection.ts';
import type { Session } from '../session.ts';

/** Whether new Pods may come to a node. Tells so, and whether that was so before. */
export async function setSchedulable(
  session: Session,
  { object }: Found,
  wanted: { unschedulable: boolean; dryRun: string },
): Promise<void> {
  const { unschedulable, dryRun } = wanted;
  const { spec } = object as { spec?: { unschedulable?: boolean } }; // a Node
  const done = unschedulable ? 'cordoned' : 'uncordoned';
  const { name } = object.metadata;
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
  if ((spec?.unschedulable ?? false) === unschedulable) {
    session.out(`node/${name} already ${done}${suffix}`);
    return;
  }
  if (dryRun !== 'client') {
    const patch = { spec: { unschedulable: unschedulable || null } };
    await session.client
      .resource('Node')
      .patch({ name }, patch, { dryRun: dryRun === 'server', signal: session.signal });
  }
  session.out(`node/${name} ${done}${suffix}`);
}

/** `kubectl cordon` and `kubectl uncordon`. */
export function cordonCommand(verb: 'cordon' | 'uncordon'): Command {
  return defineCommand({
    usage: `${verb} NODE`,
    summary: verb === 'cordon' ? 'Mark node as unschedulable.' : 'Mark node as schedulable.',
    flags: { selector: selectorFlags.selector, 'dry-run': mutationFlags['dry-run'] },
    async run(session, { flags, args }) {
      if (args.length === 0 && !flags.selector) throw new CommandError(`USAGE: ${verb} NODE [flags]`);
      const selection = await select(session, { args: ['nodes', ...args], selected: flags.selector !== undefined });
      const errors: unknown[] = [];
      const nodes = findObjects(session, selection, {
        labelSelector: flags.selector,
        onError: (error) => void errors.push(error),
      });
      for await (const found of nodes) {
        await setSchedulable(session, found, { unschedulable: verb === 'cordon', dryRun: dryRunOf(flags) }).catch(
          (error: unknown) => errors.push(error),
        );
      }
      throwAll(errors);
    },
  });
}
