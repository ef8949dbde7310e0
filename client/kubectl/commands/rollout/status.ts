import type { KubeObject } from '@skiff/api/meta';
import { isExpired } from '@skiff/api/status';
import type { Deployment } from '@skiff/api/types';
import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import type { Found } from '../../resources/find-objects.ts';
import type { Session } from '../../session.ts';
import { secondsOf } from '../duration.ts';
import { eachTarget, rolloutFlags } from './targets.ts';

interface Progress {
  readonly message: string;
  readonly done: boolean;
}

/** `kubectl rollout status`: how far a rollout is, until it is done. */
export const command = defineCommand({
  usage: 'rollout status (TYPE NAME | TYPE/NAME) [flags]',
  summary: 'Show the status of the rollout.',
  flags: { ...rolloutFlags, watch: bool('w', true), revision: text(undefined, '0'), timeout: text(undefined, '0s') },
  async run(session, { flags, args }) {
    const seconds = secondsOf(flags.timeout);
    const deadline = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined;
    const signal = deadline ? AbortSignal.any([deadline, session.signal]) : session.signal;
    const revision = Number(flags.revision);
    await eachTarget(session, {
      flags,
      args,
      act: async (found) => {
        try {
          await follow(session, found, { watch: flags.watch, revision, signal });
        } catch (error) {
          if (deadline?.aborted) throw new CommandError('timed out waiting for the condition');
          throw error;
        }
      },
    });
  },
});

async function follow(
  session: Session,
  { object: first, target }: Found,
  { watch, revision, signal }: { watch: boolean; revision: number; signal: AbortSignal },
): Promise<void> {
  const progressOf = viewers[first.kind];
  if (!progressOf) throw new CommandError(`no status viewer has been implemented for ${first.kind}`);
  const client = session.client.objects(target.resource);
  const { name } = first.metadata;
  const { namespace } = target;
  const told = (object: KubeObject): boolean => {
    const { message, done } = progressOf(object, revision);
    session.io.out(message);
    return done || !watch;
  };
  for (;;) {
    const fieldSelector = `metadata.name=${name}`;
    const { items, metadata } = await client.list({ namespace, fieldSelector, signal });
    const [now] = items;
    if (!now) throw new CommandError('object has been deleted');
    if (told(now)) return;
    try {
      const { resourceVersion } = metadata;
      for await (const { type, object } of client.watch({
        namespace,
        fieldSelector,
        resourceVersion,
        timeoutSeconds: 300,
        signal,
      })) {
        if (type === 'DELETED') throw new CommandError('object has been deleted');
        if (type !== 'BOOKMARK' && told(object)) return;
      }
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
}

/** The objects whose rollouts can be followed, and what is said of each. */
const viewers: Readonly<Record<string, (object: KubeObject, revision: number) => Progress>> = {
  Deployment: (object, revision) => deploymentProgress(object as unknown as Deployment, revision), // the kind says so
  DaemonSet: daemonSetProgress,
  StatefulSet: statefulSetProgress,
};

function deploymentProgress({ metadata, spec, status = {} }: Deployment, revision: number): Progress {
  const name = JSON.stringify(metadata.name);
  if (revision > 0) {
    const current = Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
    if (current !== revision)
      throw new CommandError(`desired revision (${revision}) is different from the running revision (${current})`);
  }
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return { message: 'Waiting for deployment spec update to be observed...\n', done: false };
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const waiting = (what: string): Progress => ({
    message: `Waiting for deployment ${name} rollout to finish: ${what}...\n`,
    done: false,
  });
  const wanted = spec?.replicas;
  if (wanted !== undefined && updatedReplicas < wanted)
    return waiting(`${updatedReplicas} out of ${wanted} new replicas have been updated`);
  if (replicas > updatedReplicas) return waiting(`${replicas - updatedReplicas} old replicas are pending termination`);
  if (availableReplicas < updatedReplicas)
    return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  return { message: `deployment ${name} successfully rolled out\n`, done: true };
}

type Counts = Readonly<Record<string, number | undefined>>;

interface SetObject {
  metadata: { name: string; generation?: number };
  spec?: { replicas?: number; updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } } };
  status?: Counts & { observedGeneration?: number };
}

function daemonSetProgress(object: KubeObject): Progress {
  const { metadata, spec, status = {} } = object as unknown as SetObject; // the kind says so
  const name = JSON.stringify(metadata.name);
  if (spec?.updateStrategy?.type !== 'RollingUpdate')
    throw new CommandError('rollout status is only available for RollingUpdate strategy type');
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return { message: 'Waiting for daemon set spec update to be observed...\n', done: false };
  const {
    updatedNumberScheduled: updated = 0,
    desiredNumberScheduled: wanted = 0,
    numberAvailable: available = 0,
  } = status;
  if (updated < wanted)
    return {
      message: `Waiting for daemon set ${name} rollout to finish: ${updated} out of ${wanted} new pods have been updated...\n`,
      done: false,
    };
  if (available < wanted)
    return {
      message: `Waiting for daemon set ${name} rollout to finish: ${available} of ${wanted} updated pods are available...\n`,
      done: false,
    };
  return { message: `daemon set ${name} successfully rolled out\n`, done: true };
}

function statefulSetProgress(object: KubeObject): Progress {
  const {
    metadata,
    spec,
    status = {},
  } = object as unknown as SetObject & {
    status?: { currentRevision?: string; updateRevision?: string };
  }; // the kind says so
  if (spec?.updateStrategy?.type !== 'RollingUpdate')
    throw new CommandError('rollout status is only available for RollingUpdate strategy type');
  if ((status.observedGeneration ?? 0) === 0 || (metadata.generation ?? 0) > (status.observedGeneration ?? 0))
    return { message: 'Waiting for statefulset spec update to be observed...\n', done: false };
  const { replicas = 1 } = spec ?? {};
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0 } = status;
  if (readyReplicas < replicas)
    return { message: `Waiting for ${replicas - readyReplicas} pods to be ready...\n`, done: false };
  const partition = spec.updateStrategy.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    if (updatedReplicas < replicas - partition)
      return {
        message: `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${replicas - partition} new pods have been updated...\n`,
        done: false,
      };
    return { message: `partitioned roll out complete: ${updatedReplicas} new pods have been updated...\n`, done: true };
  }
  if (status.updateRevision !== status.currentRevision)
    return {
      message: `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${status.updateRevision ?? ''}...\n`,
      done: false,
    };
  return {
    message: `statefulset rolling update complete ${currentReplicas} pods at revision ${status.currentRevision ?? ''}...\n`,
    done: true,
  };
}
