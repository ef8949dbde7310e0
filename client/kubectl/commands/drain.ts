import { setTimeout as delay } from 'node:timers/promises';
import { keyOf } from '@skiff/api/meta';
import { isNotFound, StatusError } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { dryRunOf, mutationFlags } from '../mutation.ts';
import { findObjects } from '../resources/find-objects.ts';
import { select, selectorFlags } from '../resources/selection.ts';
import type { Session } from '../session.ts';
import { setSchedulable } from './cordoning.ts';
import { secondsOf } from './duration.ts';

interface DrainFlags {
  readonly force: boolean;
  readonly 'ignore-daemonsets': boolean;
  readonly 'delete-emptydir-data': boolean;
  readonly 'disable-eviction': boolean;
  readonly 'grace-period': string;
  readonly 'pod-selector': string | undefined;
  readonly timeout: string;
}

/** `kubectl drain`: no new Pods for a node, and its Pods evicted, so that it can be taken away. */
export const command = defineCommand({
  usage: 'drain NODE',
  summary: 'Drain node in preparation for maintenance.',
  flags: {
    selector: selectorFlags.selector,
    'dry-run': mutationFlags['dry-run'],
    force: bool(),
    'ignore-daemonsets': bool(),
    'delete-emptydir-data': bool(),
    'disable-eviction': bool(),
    'grace-period': text(undefined, '-1'),
    'pod-selector': text(),
    timeout: text(undefined, '0s'),
    'skip-wait-for-delete-timeout': text(),
    'chunk-size': text(),
  },
  async run(session, { flags, args }) {
    if (args.length === 0 && !flags.selector) throw new CommandError('USAGE: drain NODE [flags]');
    const dryRun = dryRunOf(flags);
    const selection = await select(session, { args: ['nodes', ...args], selected: flags.selector !== undefined });
    const errors: unknown[] = [];
    for await (const found of findObjects(session, selection, { labelSelector: flags.selector })) {
      const { name } = found.object.metadata;
      try {
        await setSchedulable(session, found, { unschedulable: true, dryRun });
        const pods = await podsToEvict(session, name, flags);
        if (dryRun === 'none') await evictAll(session, pods, flags);
        else
          for (const pod of pods)
            session.out(
              `evicting pod ${pod.metadata.namespace}/${pod.metadata.name} (${dryRun === 'server' ? 'server ' : ''}dry run)`,
            );
        session.out(
          `node/${name} drained${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}`,
        );
      } catch (error) {
        errors.push(error);
      }
    }
    throwAll(errors);
  },
});

const byDaemonSet = 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)';
const withData = 'Pods with local storage (use --delete-emptydir-data to override)';
const alone = 'Pods that declare no controller (use --force to override)';

/** The Pods of a node that must go. Throws where some would be lost that the user has not given up. */
async function podsToEvict(session: Session, node: string, flags: DrainFlags): Promise<Pod[]> {
  const { items } = await session.client.resource('Pod').list({
    fieldSelector: `spec.nodeName=${node}`,
    labelSelector: flags['pod-selector'],
    signal: session.signal,
  });
  const refused = new Map<string, string[]>();
  const warned = new Map<string, string[]>();
  const note = (notes: Map<string, string[]>, why: string, pod: Pod): void =>
    void notes.set(why, [...(notes.get(why) ?? []), `${pod.metadata.namespace}/${pod.metadata.name}`]);
  const evicted = items.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror']) return false;
    if (owner?.kind === 'DaemonSet' && !isOver) {
      if (flags['ignore-daemonsets']) note(warned, 'ignoring DaemonSet-managed Pods', pod);
      else note(refused, byDaemonSet, pod);
      return false;
    }
    if (pod.spec?.volumes?.some(({ emptyDir }) => emptyDir) && !isOver && !flags['delete-emptydir-data'])
      note(refused, withData, pod);
    if (!owner && !isOver) {
      if (flags.force) note(warned, 'deleting Pods that declare no controller', pod);
      else note(refused, alone, pod);
    }
    return true;
  });
  for (const [why, pods] of warned) session.err(`Warning: ${why}: ${pods.join(', ')}`);
  if (refused.size === 0) return evicted;
  const reasons = [...refused].map(([why, pods]) => `cannot delete ${why}: ${pods.join(', ')}`);
  throw new CommandError(
    `unable to drain node ${JSON.stringify(node)} due to error: ${reasons.length > 1 ? `[${reasons.join(', ')}]` : reasons[0]}, continuing command...\nThere are pending nodes to be drained:\n ${node}\n${reasons.join('\n')}`,
  );
}

async function evictAll(session: Session, pods: readonly Pod[], flags: DrainFlags): Promise<void> {
  const seconds = secondsOf(flags.timeout);
  const signal = seconds > 0 ? AbortSignal.any([session.signal, AbortSignal.timeout(seconds * 1000)]) : session.signal;
  await Promise.all(pods.map((pod) => evict(session, pod, { flags, signal })));
}

/** A disruption budget may ask to wait: it is tried until it allows it. Resolves when the Pod is gone. */
async function evict(
  session: Session,
  pod: Pod,
  { flags, signal }: { flags: DrainFlags; signal: AbortSignal },
): Promise<void> {
  const pods = session.client.resource('Pod');
  const { namespace, name, uid } = pod.metadata;
  const grace = Number(flags['grace-period']);
  const deleteOptions = grace >= 0 ? { gracePeriodSeconds: grace } : {};
  const verb = flags['disable-eviction'] ? 'deleting' : 'evicting';
  for (;;) {
    session.out(`${verb} pod ${namespace}/${name}`);
    try {
      if (flags['disable-eviction']) await pods.delete(keyOf(pod), { ...deleteOptions, signal });
      else {
        const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
        await pods.subresource(keyOf(pod), 'eviction', 'POST', body);
      }
      break;
    } catch (error) {
      if (isNotFound(error)) break;
      if (!(error instanceof StatusError) || error.code !== 429) throw error;
      session.err(
        `error when evicting pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)} (will retry after 5s): ${error.message}`,
      );
      await delay(5000, undefined, { signal });
    }
  }
  for (;;) {
    const there = await pods.get(keyOf(pod), { signal }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!there || there.metadata.uid !== uid) break;
    await delay(200, undefined, { signal });
  }
  session.out(`pod/${name} ${flags['disable-eviction'] ? 'deleted' : 'evicted'}`);
}
