import { isExpired, isNotFound } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, implied, text } from '../flags.ts';
import { dryRunOf, mutationFlags } from '../mutation.ts';
import { type Found, findObjects } from '../resources/find-objects.ts';
import { qualifiedName } from '../resources/resource-mapper.ts';
import { fileFlags, select, selectorFlags } from '../resources/selection.ts';
import type { Session } from '../session.ts';
import { secondsOf } from './duration.ts';

const policies: Readonly<Record<string, 'Background' | 'Foreground' | 'Orphan'>> = {
  background: 'Background',
  true: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  false: 'Orphan',
};

/** `kubectl delete`: asks for the end of objects, and waits until they are gone. */
export const command = defineCommand({
  usage: 'delete ([-f FILENAME] | TYPE [(NAME | -l label | --all)])',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    output: mutationFlags.output,
    'dry-run': mutationFlags['dry-run'],
    all: bool(),
    cascade: implied('background', 'background'),
    force: bool(),
    'grace-period': text(undefined, '-1'),
    'ignore-not-found': bool(),
    now: bool(),
    wait: bool(undefined, true),
    timeout: text(undefined, '0s'),
    raw: text(),
  },
  async run(session, { flags, args, given }) {
    const dryRun = dryRunOf(flags);
    const policy = policies[flags.cascade];
    if (!policy)
      throw new CommandError(
        `invalid cascade value (${flags.cascade}). Must be "background", "foreground", or "orphan"`,
      );
    const selection = await select(session, {
      args,
      files: flags.filename,
      recursive: flags.recursive,
      allNamespaces: flags['all-namespaces'],
      selected: flags.all || flags.selector !== undefined || flags['field-selector'] !== undefined,
      hint: "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    });
    const errors: unknown[] = [];
    const listed = selection.targets.some(({ name }) => name === undefined);
    const found: Found[] = [];
    const objects = findObjects(session, selection, {
      labelSelector: flags.selector,
      fieldSelector: flags['field-selector'],
      ignoreNotFound: flags['ignore-not-found'] || (flags.all && !given.has('ignore-not-found')),
      onError: (error) => void errors.push(error),
    });
    for await (const one of objects) found.push(one);
    const grace = graceOf(flags);
    if (flags.force && dryRun === 'none')
      session.err(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
      );
    const waiting: Found[] = [];
    for (const one of found) {
      const { resource, namespace } = one.target;
      const { name } = one.object.metadata;
      try {
        if (dryRun !== 'client') {
          await session.client.objects(resource).delete(
            { namespace, name },
            {
              propagationPolicy: policy,
              ...(grace !== undefined && { gracePeriodSeconds: grace }),
              ...(dryRun === 'server' && { dryRun: true }),
              signal: session.signal,
            },
          );
        }
        if (flags.output === 'name') session.out(qualifiedName(resource, name));
        else {
          const kind = qualifiedName(resource, '').slice(0, -1);
          const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
          session.out(
            `${kind} ${JSON.stringify(name)} ${grace === 0 && flags.force ? 'force deleted' : 'deleted'}${suffix}`,
          );
        }
        if (dryRun === 'none') waiting.push(one);
      } catch (error) {
        if (!(flags['ignore-not-found'] && isNotFound(error))) errors.push(error);
      }
    }
    if (found.length === 0 && errors.length === 0 && listed) session.out('No resources found');
    if (flags.wait && !flags.force) await waitUntilGone(session, waiting, secondsOf(flags.timeout), errors);
    throwAll(errors);
  },
});

function graceOf(flags: { force: boolean; now: boolean; 'grace-period': string }): number | undefined {
  const seconds = Number(flags['grace-period']);
  if (flags.now) {
    if (seconds !== -1) throw new CommandError('--now and --grace-period cannot be specified together');
    return 1;
  }
  if (seconds === 0 && !flags.force) return 1;
  if (flags.force) {
    if (seconds > 0) throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
    return 0;
  }
  return seconds < 0 ? undefined : seconds;
}

/** An object of another uid under the same name is another object: the one that was meant is gone. */
async function waitUntilGone(
  session: Session,
  objects: readonly Found[],
  seconds: number,
  errors: unknown[],
): Promise<void> {
  const deadline = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined;
  for (const { object, target } of objects) {
    const client = session.client.objects(target.resource);
    const { name, uid } = object.metadata;
    const { namespace } = target;
    const signal = deadline ? AbortSignal.any([deadline, session.signal]) : session.signal;
    try {
      for (;;) {
        const { metadata, items } = await client.list({ namespace, fieldSelector: `metadata.name=${name}`, signal });
        const [there] = items;
        if (!there || there.metadata.uid !== uid) break;
        if (await seenGoing()) break;
        async function seenGoing(): Promise<boolean> {
          const events = client.watch({
            namespace,
            fieldSelector: `metadata.name=${name}`,
            resourceVersion: metadata.resourceVersion,
            timeoutSeconds: 60,
            signal,
          });
          try {
            for await (const { type } of events) if (type === 'DELETED') return true;
          } catch (error) {
            if (!isExpired(error)) throw error;
          }
          return false;
        }
      }
    } catch (error) {
      if (session.signal.aborted) throw error;
      errors.push(
        deadline?.aborted
          ? new CommandError(`timed out waiting for the condition on ${target.resource.plural}/${name}`)
          : error,
      );
    }
  }
}
