import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { formatKey, keyOf, type ObjectKey } from '@skiff/api/meta';
import { LabelSelector } from '@skiff/api/selectors/label-selector';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Job, Pod } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { controllerOf } from '../ownership.ts';
import { claimPods } from '../pod-claims.ts';
import { deletePod } from '../pod-deletion.ts';
import { Expectations } from '../replica-set/expectations.ts';
import { slowStart } from '../replica-set/slow-start.ts';
import { isTracked, trackingFinalizer } from './job-pods.ts';
import { newPod } from './new-pod.ts';
import { finalCondition } from './outcome.ts';
import { type JobPlan, planJob } from './plan.ts';

/** At most so many Pods are made in one pass, as kube-controller-manager does. */
const burst = 500;
/** Jobs that say another name are somebody else's. */
const ownName = 'kubernetes.io/job-controller';

/** Runs Pods until enough of them have succeeded, and clears away what is over (upstream: pkg/controller/job, ttlafterfinished). */
export class JobController implements Controller, Reconciler {
  readonly name = 'job-controller';
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #jobClient: ResourceClient<Job>;
  readonly #podClient: ResourceClient<Pod>;
  readonly #events: EventRecorder;
  readonly #expectations = new Expectations();
  readonly #loop: ReconcileLoop;
  /** Pods whose Job is gone: nobody else lets go of them. */
  readonly #orphans: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor({ informers, client, recorder, logger, clock }: ControllerContext) {
    this.#clock = clock;
    this.#jobs = informers.for('Job');
    this.#pods = informers.for('Pod');
    this.#jobClient = client.resource('Job');
    this.#podClient = client.resource('Pod');
    this.#events = recorder(this.name);
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, logger, clock });
    const letGo: Reconciler = { reconcile: (key) => this.#letGo(key) };
    this.#orphans = new ReconcileLoop({ name: `${this.name} orphans`, reconciler: letGo, workers: 1, logger });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#jobs.onChange(({ type, object }) => this.#jobChanged(type, object)),
      this.#pods.onChange(({ type, object }) => this.#podChanged(type, object)),
    ];
    this.#loop.start({ signal });
    this.#orphans.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([this.#loop.close(), this.#orphans.close()]);
  }

  #jobChanged(type: 'added' | 'updated' | 'deleted', job: Job): void {
    this.#loop.enqueue(keyOf(job));
    if (type !== 'deleted') return;
    for (const pod of this.#pods.list(job.metadata.namespace)) if (isTracked(pod)) this.#orphans.enqueue(pod);
  }

  #podChanged(type: 'added' | 'updated' | 'deleted', pod: Pod): void {
    const { namespace, uid = '', deletionTimestamp } = pod.metadata;
    const owner = controllerOf(pod);
    if (owner?.kind === 'Job') {
      const key = { namespace, name: owner.name };
      if (type === 'added') this.#expectations.created(formatKey(key));
      if (type === 'deleted' || deletionTimestamp) this.#expectations.deleted(formatKey(key), uid);
      this.#loop.enqueue(key);
    }
    if (isTracked(pod) && type !== 'deleted') this.#orphans.enqueue(pod);
    if (owner) return;
    for (const job of this.#jobs.list(namespace)) {
      if (LabelSelector.from(job.spec?.selector).matches(pod.metadata.labels)) this.#loop.enqueue(keyOf(job));
    }
  }

  async #letGo(key: ObjectKey): Promise<void> {
    const pod = this.#pods.get(key);
    if (!pod || !isTracked(pod)) return;
    const owner = controllerOf(pod);
    const job = owner?.kind === 'Job' ? this.#jobs.get({ ...key, name: owner.name }) : undefined;
    if (!job || job.metadata.uid !== owner?.uid) await this.#release(pod);
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const id = formatKey(key);
    const job = this.#jobs.get(key);
    if (!job) {
      this.#expectations.forget(id);
      return;
    }
    if ((job.spec?.managedBy ?? ownName) !== ownName) return;
    // Asked before the Pods are read: what arrives in between makes the answer too cautious, never too bold.
    const settled = this.#expectations.fulfilled(id) && !job.metadata.deletionTimestamp;
    const pods = await claimPods(job, this.#pods.list(job.metadata.namespace), {
      pods: this.#podClient,
      get: (one) => this.#jobClient.get(one),
    });
    if (finalCondition(job)) return this.#clearAway(job, pods);

    const plan = planJob(job, pods, { now: this.#clock.now(), settled });
    await this.#delete(job, plan.delete);
    const problem = await this.#create(job, plan.create);
    if (!(await this.#writeStatus(job, plan))) return;
    // Only what is in the status may go.
    await Promise.all(plan.release.map((pod) => this.#release(pod)));
    if (problem) throw problem;
    return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
  }

  /** Lets go of the Pods of a Job that is over, and deletes it when its time has come. */
  async #clearAway(job: Job, pods: readonly Pod[]): Promise<{ afterMs: number } | undefined> {
    await Promise.all(pods.filter(isTracked).map((pod) => this.#release(pod)));
    const ttl = job.spec?.ttlSecondsAfterFinished;
    if (ttl === undefined || job.metadata.deletionTimestamp) return;
    const since = Date.parse(finalCondition(job)?.lastTransitionTime ?? '');
    const afterMs = since + ttl * 1000 - this.#clock.now();
    if (afterMs > 0) return { afterMs };
    const { uid } = job.metadata;
    try {
      const preconditions = uid ? { preconditions: { uid } } : {};
      await this.#jobClient.delete(keyOf(job), { propagationPolicy: 'Foreground', ...preconditions });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }

  async #delete(job: Job, doomed: readonly Pod[]): Promise<void> {
    if (doomed.length === 0) return;
    const uids = doomed.map(({ metadata }) => metadata.uid ?? '');
    this.#expectations.expectDeletions(formatKey(keyOf(job)), uids);
    await Promise.all(
      doomed.map(async (pod) => {
        await deletePod(this.#podClient, pod);
        this.#events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      }),
    );
  }

  async #create(job: Job, wanted: JobPlan['create']): Promise<unknown> {
    if (wanted.length === 0) return undefined;
    const id = formatKey(keyOf(job));
    const pods = wanted.slice(0, burst).values();
    const count = Math.min(wanted.length, burst);
    this.#expectations.expectCreations(id, count);
    const { skipped, error } = await slowStart(count, async () => {
      try {
        const pod = await this.#podClient.create(newPod(job, pods.next().value ?? {}));
        this.#events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        this.#expectations.created(id);
        const message = error instanceof Error ? error.message : String(error);
        this.#events.event(job, 'Warning', 'FailedCreate', `Error creating: ${message}`);
        throw error;
      }
    });
    for (let index = 0; index < skipped; index++) this.#expectations.created(id);
    return error;
  }

  /** False where the Job changed meanwhile: then it comes again. */
  async #writeStatus(job: Job, { status, news }: JobPlan): Promise<boolean> {
    if (isDeepStrictEqual({ ...job.status }, status)) return true;
    try {
      await this.#jobClient.updateStatus({ ...job, status });
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      return false;
    }
    for (const [type, reason, message] of news) this.#events.event(job, type, reason, message);
    return true;
  }

  async #release(pod: Pod): Promise<void> {
    const { uid, resourceVersion, finalizers = [] } = pod.metadata;
    const others = finalizers.filter((name) => name !== trackingFinalizer);
    try {
      await this.#podClient.patch(keyOf(pod), { metadata: { uid, resourceVersion, finalizers: others } });
    } catch (error) {
      // It went or changed; what the cache is about to show brings it back.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
