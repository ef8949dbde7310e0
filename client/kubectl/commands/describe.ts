import { isNotFound } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { describerFor } from '../describe/describers.ts';
import { eventLines, eventsAbout } from '../describe/events.ts';
import { throwAll, UsageError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { describeTabs, TabWriter } from '../print/tab-writer.ts';
import { type Found, findObjects } from '../resources/find-objects.ts';
import { fileFlags, select, selectorFlags, type Target } from '../resources/selection.ts';
import type { Session } from '../session.ts';

/** `kubectl describe`: what an object is, what it refers to, and what has happened to it. */
export const command = defineCommand({
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  summary: 'Show details of a specific resource or group of resources.',
  flags: {
    ...fileFlags,
    selector: selectorFlags.selector,
    'all-namespaces': selectorFlags['all-namespaces'],
    'show-events': bool(undefined, true),
    'chunk-size': text(),
  },
  async run(session, { flags, args }) {
    if (args.length === 0 && flags.filename.length === 0)
      throw new UsageError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    const selection = await select(session, {
      args,
      files: flags.filename,
      recursive: flags.recursive,
      allNamespaces: flags['all-namespaces'],
      allowLists: true,
    });
    const errors: unknown[] = [];
    let first = true;
    for (const target of selection.targets) {
      for await (const { object, byPrefix } of withPrefix(session, target, { labelSelector: flags.selector, errors })) {
        const now = new Date();
        const events = flags['show-events'] ? eventLines(await eventsAbout(session, object), now) : '';
        const described = await describerFor(object.kind)(object, { session, now, events });
        if (!first && !byPrefix) session.io.out('\n\n');
        first = false;
        session.io.out(new TabWriter(describeTabs).format(described) + (byPrefix ? '\n' : ''));
      }
    }
    if (first && errors.length === 0) session.err(notFound(session, flags['all-namespaces'], selection.targets));
    throwAll(errors);
  },
});

function notFound(session: Session, allNamespaces: boolean, targets: readonly Target[]): string {
  const inOne = !allNamespaces && targets.some(({ resource }) => resource.namespaced);
  return inOne ? `No resources found in ${session.namespace} namespace.` : 'No resources found';
}

/** The objects of a target. A name that none has stands for all that begin with it. */
async function* withPrefix(
  session: Session,
  target: Target,
  { labelSelector, errors }: { labelSelector: string | undefined; errors: unknown[] },
): AsyncGenerator<Found & { byPrefix: boolean }> {
  try {
    for await (const found of findObjects(session, { targets: [target] }, { labelSelector }))
      yield { ...found, byPrefix: false };
  } catch (error) {
    if (!isNotFound(error) || target.name === undefined) {
      errors.push(error);
      return;
    }
    const { name: prefix, ...all } = target;
    let some = false;
    for await (const found of findObjects(session, { targets: [all] })) {
      if (!found.object.metadata.name.startsWith(prefix)) continue;
      some = true;
      yield { ...found, byPrefix: true };
    }
    if (!some) errors.push(error);
  }
}
