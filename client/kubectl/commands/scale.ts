import { setTimeout as delay } from 'node:timers/promises';
import { isConflict, isNotFound } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { type Found, findObjects } from '../resources/find-objects.ts';
import { fileFlags, select, selectorFlags } from '../resources/selection.ts';
import type { Session } from '../session.ts';
import { secondsOf } from './duration.ts';

interface Scale {
  metadata: { resourceVersion?: string };
  spec?: { replicas?: number };
  status?: { replicas?: number };
}

/** `kubectl scale`: sets how many Pods an object stands for. */
export const command = defineCommand({
  usage: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  summary: 'Set a new size for a deployment, replica set, replication controller, or stateful set.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    ...mutationFlags,
    all: bool(),
    replicas: text(),
    'current-replicas': text(undefined, '-1'),
    'resource-version': text(),
    timeout: text(undefined, '0s'),
  },
  async run(session, { flags, args }) {
    if (flags.replicas === undefined) throw new CommandError('required flag(s) "replicas" not set');
    const replicas = Number(flags.replicas);
    if (!Number.isInteger(replicas) || replicas < 0)
      throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    const selection = await select(session, {
      args,
      files: flags.filename,
      recursive: flags.recursive,
      allNamespaces: flags['all-namespaces'],
      selected: flags.all || flags.selector !== undefined,
    });
    const report = new MutationReport(session, flags);
    const dryRun = dryRunOf(flags);
    const errors: unknown[] = [];
    const scaled: Found[] = [];
    const objects = findObjects(session, selection, {
      labelSelector: flags.selector,
      onError: (error) => void errors.push(error),
    });
    for await (const found of objects) {
      try {
        if (dryRun !== 'client') await scale(session, found, { replicas, flags, dryRun: dryRun === 'server' });
        report.tell({ object: found.object, resource: found.target.resource, operation: 'scaled' });
        scaled.push(found);
      } catch (error) {
        errors.push(error);
      }
    }
    if (scaled.length === 0 && errors.every(isNotFound)) {
      const why = errors.map((error) => ` ${error instanceof Error ? error.message : ''}`).join('');
      throw new CommandError(`no objects passed to scale${why}`);
    }
    const seconds = secondsOf(flags.timeout);
    if (seconds > 0 && dryRun === 'none') for (const one of scaled) await reached(session, one, { replicas, seconds });
    throwAll(errors);
  },
});

async function scale(
  session: Session,
  { object, target }: Found,
  {
    replicas,
    flags,
    dryRun,
  }: {
    replicas: number;
    flags: { 'current-replicas': string; 'resource-version': string | undefined };
    dryRun: boolean;
  },
): Promise<void> {
  const client = session.client.objects(target.resource);
  const key = { namespace: target.namespace, name: object.metadata.name };
  const current = Number(flags['current-replicas']);
  const version = flags['resource-version'];
  if (current < 0 && !version) {
    await client.patch(key, { spec: { replicas } }, { subresource: 'scale', dryRun, signal: session.signal });
    return;
  }
  for (let tries = 0; ; tries++) {
    const found = await client.subresource<Scale>(key, 'scale', 'GET');
    if (current >= 0 && (found.spec?.replicas ?? 0) !== current)
      throw new CommandError(`Expected replicas to be ${current}, was ${found.spec?.replicas ?? 0}`);
    if (version && found.metadata.resourceVersion !== version)
      throw new CommandError(`Expected resource version to be ${version}, was ${found.metadata.resourceVersion}`);
    try {
      await client.subresource(key, 'scale', 'PUT', { ...found, spec: { replicas } });
      return;
    } catch (error) {
      if (!isConflict(error) || tries > 5) throw error;
    }
  }
}

async function reached(
  session: Session,
  { object, target }: Found,
  wanted: { replicas: number; seconds: number },
): Promise<void> {
  const deadline = performance.now() + wanted.seconds * 1000;
  const key = { namespace: target.namespace, name: object.metadata.name };
  for (;;) {
    const { status } = await session.client.objects(target.resource).subresource<Scale>(key, 'scale', 'GET');
    if ((status?.replicas ?? 0) === wanted.replicas) return;
    if (performance.now() > deadline) throw new CommandError('timed out waiting for the condition');
    await delay(200, undefined, { signal: session.signal });
  }
}
