import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isAlreadyExists, isConflict, isNotFound } from '@skiff/api/status';
import type { Deployment, Pod, ReplicaSet } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import { adoptionPatch, claim, releasePatch } from '../claim.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { controllerOf, controllerReference, isControlledBy } from '../ownership.ts';
import { isPodFinished } from '../pod-state.ts';
import { isRolling, replicasOf } from './limits.ts';
import { newReplicaSet } from './new-replica-set.ts';
import { beyondHistory, currentSetAnnotations, revisionAnnotation, scaleAnnotations } from './revisions.ts';
import { proportionalScales, rollingStep, type Scale, type Sets, wasScaled } from './scaling.ts';
import { deploymentStatus, isComplete, type PassNotes } from './status.ts';
import { sameTemplate } from './template.ts';

/** What a pass found or made: the sets as they are now, and what to say about them. */
interface Pass extends Sets {
  readonly created?: boolean;
  readonly createError?: unknown;
}

/** Keeps the ReplicaSets of each Deployment: a set per template, and the Pods moving from the old ones to the current. */
export class DeploymentController implements Controller, Reconciler {
  readonly name = 'deployment-controller';
  readonly #deployments: Informer<Deployment>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #deploymentClient: ResourceClient<Deployment>;
  readonly #setClient: ResourceClient<ReplicaSet>;
  readonly #events: EventRecorder;
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor(context: ControllerContext) {
    this.#clock = context.clock;
    this.#deployments = context.informers.for('Deployment');
    this.#sets = context.informers.for('ReplicaSet');
    this.#pods = context.informers.for('Pod');
    this.#deploymentClient = context.client.resource('Deployment');
    this.#setClient = context.client.resource('ReplicaSet');
    this.#events = context.recorder(this.name);
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 5,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#deployments.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#sets.onChange(({ object, old }) => {
        this.#setChanged(object);
        if (old && controllerOf(old)?.uid !== controllerOf(object)?.uid) this.#setChanged(old);
      }),
      this.#pods.onChange(({ type, object }) => {
        if (type === 'deleted' || isPodFinished(object)) this.#podEnded(object);
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #setChanged(set: ReplicaSet): void {
    const { namespace } = set.metadata;
    const owner = controllerOf(set);
    if (owner?.kind === 'Deployment') this.#loop.enqueue({ namespace, name: owner.name });
    if (owner) return;
    // An orphan: whoever selects it may adopt it.
    for (const deployment of this.#deployments.list(namespace)) {
      if (claim(deployment, deployment.spec?.selector, [set]).adopt.length > 0) this.#loop.enqueue(keyOf(deployment));
    }
  }

  /** A Deployment that recreates waits for the end of its old Pods. */
  #podEnded(pod: Pod): void {
    const { namespace } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return;
    const set = this.#sets.get({ namespace, name: owner.name });
    const deployment = set && controllerOf(set);
    if (deployment?.kind === 'Deployment') this.#loop.enqueue({ namespace, name: deployment.name });
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const deployment = this.#deployments.get(key);
    if (!deployment) return;
    try {
      return await this.#pass(deployment);
    } catch (error) {
      // The cache is behind; what it is about to show brings this Deployment back.
      if (isConflict(error) || isNotFound(error)) return;
      throw error;
    }
  }

  async #pass(deployment: Deployment): Promise<{ afterMs: number } | undefined> {
    const sets = await this.#claim(deployment);
    const template = deployment.spec?.template;
    const [current] = sets.filter((set) => sameTemplate(set.spec?.template, template)).sort(olderFirst);
    const found: Pass = { current, old: sets.filter((set) => set !== current) };

    const { metadata, spec } = deployment;
    const ending = metadata.deletionTimestamp !== undefined;
    const standing = ending || spec?.paused === true;
    const scaling = !ending && (standing || wasScaled(deployment, found));
    const pass = ending ? found : await this.#advance(deployment, found, scaling);
    return this.#writeStatus(deployment, pass, { judgeProgress: !ending && !scaling });
  }

  async #advance(deployment: Deployment, found: Pass, scaling: boolean): Promise<Pass> {
    if (scaling) {
      const pass = await this.#withCurrent(deployment, found, { mayCreate: false });
      return this.#scale(deployment, pass, proportionalScales(deployment, pass));
    }
    if (isRolling(deployment)) {
      const pass = await this.#withCurrent(deployment, found, { mayCreate: true });
      return pass.current ? this.#scale(deployment, pass, rollingStep(deployment, pass.current, pass.old)) : pass;
    }
    return this.#recreate(deployment, found);
  }

  /** First all old Pods end, then the new ones start. */
  async #recreate(deployment: Deployment, found: Pass): Promise<Pass> {
    const running = found.old.filter((set) => replicasOf(set) > 0);
    const toZero = running.map((set) => ({ set, replicas: 0 }));
    if (toZero.length > 0) return this.#scale(deployment, found, toZero);
    const olds = new Set(found.old.map((set) => set.metadata.uid));
    const stillThere = this.#pods
      .list(deployment.metadata.namespace)
      .some((pod) => olds.has(controllerOf(pod)?.uid) && !isPodFinished(pod));
    if (stillThere) return found;
    const pass = await this.#withCurrent(deployment, found, { mayCreate: true });
    return pass.current
      ? this.#scale(deployment, pass, [{ set: pass.current, replicas: replicasOf(deployment) }])
      : pass;
  }

  async #claim(deployment: Deployment): Promise<ReplicaSet[]> {
    const { namespace } = deployment.metadata;
    const { owned, adopt, release } = claim(deployment, deployment.spec?.selector, this.#sets.list(namespace));
    if (adopt.length > 0) {
      const fresh = await this.#deploymentClient.get(keyOf(deployment));
      if (fresh.metadata.uid !== deployment.metadata.uid || fresh.metadata.deletionTimestamp) {
        return owned.filter((set) => !adopt.includes(set));
      }
    }
    const patched = await Promise.all([
      ...adopt.map((set) => this.#setClient.patch(keyOf(set), adoptionPatch(set, controllerReference(deployment)))),
      ...release.map((set) => this.#setClient.patch(keyOf(set), releasePatch(set, deployment))),
    ]);
    return owned.map((set) => patched.find((fresh) => fresh.metadata.uid === set.metadata.uid) ?? set);
  }

  /** Makes the set of the current template, or brings its annotations up to date. */
  async #withCurrent(deployment: Deployment, found: Pass, { mayCreate }: { mayCreate: boolean }): Promise<Pass> {
    const { current, old } = found;
    if (current) {
      const annotations = currentSetAnnotations(deployment, current, old);
      const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
      const same = (current.spec?.minReadySeconds ?? 0) === minReadySeconds;
      if (same && isDeepStrictEqual({ ...current.metadata.annotations }, annotations)) return found;
      const updated = await this.#setClient.update({
        ...current,
        metadata: { ...current.metadata, annotations },
        spec: { ...current.spec, selector: current.spec?.selector ?? {}, minReadySeconds },
      });
      return { ...found, current: updated };
    }
    return mayCreate ? this.#create(deployment, found) : found;
  }

  async #create(deployment: Deployment, found: Pass): Promise<Pass> {
    const wanted = newReplicaSet(deployment, found.old);
    const key = { namespace: deployment.metadata.namespace, name: wanted.metadata.name };
    try {
      const current = await this.#setClient.create(wanted);
      const replicas = replicasOf(current);
      if (replicas > 0) this.#tellScaled(deployment, current, { from: 0, to: replicas });
      return { ...found, current, created: true };
    } catch (error) {
      if (!isAlreadyExists(error)) return this.#createFailed(deployment, found, { name: key.name, error });
    }
    // Made by an earlier pass that the cache doesn't show yet, or something else has this name.
    const existing = await this.#setClient.get(key);
    if (isControlledBy(existing, deployment) && sameTemplate(existing.spec?.template, deployment.spec?.template)) {
      return { ...found, current: existing };
    }
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await this.#deploymentClient.updateStatus({ ...deployment, status: { ...deployment.status, collisionCount } });
    throw new Error(`replica set "${key.name}" exists and is another's; trying another name`);
  }

  #createFailed(deployment: Deployment, found: Pass, { name, error }: { name: string; error: unknown }): Pass {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Failed to create new replica set "${name}": ${why}`;
    this.#events.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    return { ...found, createError: new Error(message, { cause: error }) };
  }

  async #scale(deployment: Deployment, pass: Pass, scales: readonly Scale[]): Promise<Pass> {
    const fresh = new Map<ReplicaSet, ReplicaSet>();
    for (const { set, replicas } of scales) {
      const annotations = { ...set.metadata.annotations, ...scaleAnnotations(deployment) };
      const from = replicasOf(set);
      if (from === replicas && isDeepStrictEqual({ ...set.metadata.annotations }, annotations)) continue;
      const updated = await this.#setClient.update({
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, selector: set.spec?.selector ?? {}, replicas },
      });
      fresh.set(set, updated);
      if (from !== replicas) this.#tellScaled(deployment, set, { from, to: replicas });
    }
    const now = (set: ReplicaSet): ReplicaSet => fresh.get(set) ?? set;
    return { ...pass, current: pass.current && now(pass.current), old: pass.old.map(now) };
  }

  #tellScaled(deployment: Deployment, set: ReplicaSet, { from, to }: { from: number; to: number }): void {
    const direction = to > from ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${to}`;
    this.#events.event(deployment, 'Normal', 'ScalingReplicaSet', message);
  }

  async #writeStatus(
    deployment: Deployment,
    pass: Pass,
    { judgeProgress }: { judgeProgress: boolean },
  ): Promise<{ afterMs: number } | undefined> {
    const notes: PassNotes = {
      now: this.#clock.now(),
      judgeProgress,
      ...(pass.created && { created: true }),
      ...(pass.createError instanceof Error && { createError: pass.createError.message }),
    };
    const { status, nextCheckMs } = deploymentStatus(deployment, pass, notes);
    const revision = pass.current?.metadata.annotations?.[revisionAnnotation];
    const annotations = { ...deployment.metadata.annotations, ...(revision && { [revisionAnnotation]: revision }) };
    const same =
      isDeepStrictEqual({ ...deployment.status }, status) &&
      isDeepStrictEqual({ ...deployment.metadata.annotations }, annotations);
    if (!same) {
      // Kubernetes lets a Deployment's annotations through its status, so that a revision is no new generation.
      await this.#deploymentClient.updateStatus({
        ...deployment,
        metadata: { ...deployment.metadata, annotations },
        status,
      });
    }
    if (pass.createError) throw pass.createError;
    if (isComplete(deployment, status)) await this.#cutHistory(deployment, pass);
    return nextCheckMs === undefined ? undefined : { afterMs: nextCheckMs };
  }

  async #cutHistory(deployment: Deployment, pass: Pass): Promise<void> {
    for (const set of beyondHistory(deployment, pass.old)) await this.#setClient.delete(keyOf(set));
  }
}

function olderFirst(a: ReplicaSet, b: ReplicaSet): number {
  const key = (set: ReplicaSet): string => `${set.metadata.creationTimestamp ?? ''} ${set.metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
