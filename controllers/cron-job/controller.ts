import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isAlreadyExists, isConflict, isNotFound } from '@skiff/api/status';
import type { CronJob, Job } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { New, ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { finalCondition } from '../job/outcome.ts';
import { controllerOf, controllerReference, isControlledBy } from '../ownership.ts';
import { wireTime } from '../wire-time.ts';
import { dueTime, expired, jobName, scheduleOf } from './plan.ts';

type Status = NonNullable<CronJob['status']>;

/** A little after the minute, so that it has surely come. */
const slackMs = 100;

/** Makes Jobs when their time comes. */
export class CronJobController implements Controller, Reconciler {
  readonly name = 'cronjob-controller';
  readonly #crons: Informer<CronJob>;
  readonly #jobs: Informer<Job>;
  readonly #cronClient: ResourceClient<CronJob>;
  readonly #jobClient: ResourceClient<Job>;
  readonly #events: EventRecorder;
  readonly #loop: ReconcileLoop;
  readonly #now: () => Date;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor({ informers, client, recorder, logger, clock }: ControllerContext, options: { now?: () => Date } = {}) {
    this.#clock = clock;
    this.#crons = informers.for('CronJob');
    this.#jobs = informers.for('Job');
    this.#cronClient = client.resource('CronJob');
    this.#jobClient = client.resource('Job');
    this.#events = recorder(this.name);
    this.#now = options.now ?? (() => new Date(this.#clock.now()));
    this.#loop = new ReconcileLoop({ name: this.name, reconciler: this, logger, clock });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#crons.onChange(({ object }) => this.#loop.enqueue(keyOf(object))),
      this.#jobs.onChange(({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'CronJob') {
          this.#loop.enqueue({ namespace: object.metadata.namespace, name: owner.name });
        }
      }),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  async reconcile(key: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const cron = this.#crons.get(key);
    if (!cron || cron.metadata.deletionTimestamp) return;
    const jobs = [...this.#jobs.list(cron.metadata.namespace)].filter((job) => isControlledBy(job, cron));
    for (const job of expired(cron, jobs)) await this.#delete(cron, job, 'Deleted job');

    const status = this.#observed(cron, jobs);
    const due = cron.spec?.suspend ? undefined : dueTime(cron, scheduleOf(cron), this.#now());
    if (due?.missedTooMany) {
      const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#events.event(cron, 'Warning', 'TooManyMissedTimes', message);
    }
    if (due?.at) await this.#run(cron, due.at, { jobs, status });
    await this.#writeStatus(cron, status);
    return due?.nextMs === undefined ? undefined : { afterMs: due.nextMs + slackMs };
  }

  /** The status as the Jobs show it: which are at work, and when one last succeeded. */
  #observed(cron: CronJob, jobs: readonly Job[]): Status {
    const known = new Map((cron.status?.active ?? []).map((reference) => [reference.uid, reference]));
    // A reference stays as it was made: it does not follow the versions of its Job.
    const active = jobs
      .filter((job) => !finalCondition(job))
      .map((job) => known.get(job.metadata.uid) ?? referenceTo(job));
    const successes = jobs.flatMap(({ status }) => status?.completionTime ?? []);
    const { lastScheduleTime, lastSuccessfulTime } = cron.status ?? {};
    const latest = [...successes, ...(lastSuccessfulTime ? [lastSuccessfulTime] : [])].sort().at(-1);
    return {
      ...(active.length > 0 && { active }),
      ...(lastScheduleTime && { lastScheduleTime }),
      ...(latest && { lastSuccessfulTime: latest }),
    };
  }

  async #run(cron: CronJob, at: Date, { jobs, status }: { jobs: readonly Job[]; status: Status }): Promise<void> {
    const atWork = jobs.filter((job) => !finalCondition(job) && !job.metadata.deletionTimestamp);
    const { concurrencyPolicy } = cron.spec ?? {};
    if (concurrencyPolicy === 'Forbid' && atWork.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#events.event(cron, 'Normal', 'JobAlreadyActive', message);
      return;
    }
    if (concurrencyPolicy === 'Replace') {
      for (const job of atWork) await this.#delete(cron, job, 'Deleted job');
      status.active = [];
    }
    const job = await this.#create(cron, at);
    if (!job) return;
    status.active = [...(status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid), referenceTo(job)];
    status.lastScheduleTime = wireTime(at.getTime());
  }

  async #create(cron: CronJob, at: Date): Promise<Job | undefined> {
    const job = newJob(cron, at);
    try {
      const made = await this.#jobClient.create(job);
      this.#events.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`);
      return made;
    } catch (error) {
      if (isAlreadyExists(error)) {
        // Made before the status could say so.
        const known = await this.#jobClient.get({ namespace: cron.metadata.namespace, name: job.metadata.name ?? '' });
        return isControlledBy(known, cron) ? known : undefined;
      }
      const why = error instanceof Error ? error.message : String(error);
      this.#events.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${why}`);
      throw error;
    }
  }

  async #delete(cron: CronJob, job: Job, what: string): Promise<void> {
    try {
      await this.#jobClient.delete(keyOf(job), { propagationPolicy: 'Background' });
      this.#events.event(cron, 'Normal', 'SuccessfulDelete', `${what} ${job.metadata.name}`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #writeStatus(cron: CronJob, status: Status): Promise<void> {
    if (status.active?.length === 0) delete status.active;
    if (isDeepStrictEqual({ ...cron.status }, status)) return;
    try {
      await this.#cronClient.updateStatus({ ...cron, status });
    } catch (error) {
      // The cache is behind; what it is about to show brings this one back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

type Reference = NonNullable<Status['active']>[number];

function referenceTo({ apiVersion, kind, metadata }: Job): Reference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace && { namespace }),
    name,
    ...(uid && { uid }),
    apiVersion,
    ...(resourceVersion && { resourceVersion }),
  };
}

function newJob(cron: CronJob, at: Date): New<Job> {
  const { namespace } = cron.metadata;
  const { metadata, spec } = cron.spec?.jobTemplate ?? {};
  return {
    metadata: {
      name: jobName(cron, at),
      ...(namespace && { namespace }),
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: {
        ...metadata?.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': wireTime(at.getTime()),
      },
      ownerReferences: [controllerReference(cron)],
    },
    ...(spec && { spec }),
  };
}
