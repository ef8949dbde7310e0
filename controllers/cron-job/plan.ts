import { parseSchedule, type Schedule } from '@skiff/api/cron/schedule';
import type { CronJob, Job } from '@skiff/api/types';
import { finalCondition } from '../job/outcome.ts';

/** So many missed times are more likely a clock that jumped than a controller that was away. */
const tooMany = 100;

/** The time that a CronJob is due, and when to look again. */
export interface Due {
  readonly at: Date | undefined;
  readonly missedTooMany: boolean;
  readonly nextMs: number | undefined;
}

/** The last time since it ran (or was made) that has come and that it is not too late for (upstream: pkg/controller/cronjob). */
export function dueTime(cron: CronJob, schedule: Schedule, now: Date): Due {
  const { metadata, spec, status } = cron;
  const since = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '');
  const patience = spec?.startingDeadlineSeconds;
  const earliest = patience === undefined ? since : Math.max(since, now.getTime() - patience * 1000);
  let at: Date | undefined;
  let count = 0;
  let next = schedule.next(new Date(earliest));
  while (next && next <= now && count <= tooMany) {
    at = next;
    count++;
    next = schedule.next(next);
  }
  if (count > tooMany) {
    // What came in between is skipped.
    const latest = latestBefore(schedule, now);
    at = latest ?? at;
    next = schedule.next(now);
  }
  return { at, missedTooMany: count > tooMany, nextMs: next && Math.max(0, next.getTime() - now.getTime()) };
}

/** The last time before now, looked for in windows that grow. */
function latestBefore(schedule: Schedule, now: Date): Date | undefined {
  for (let window = 60_000; window < 400 * 86_400_000; window *= 4) {
    let found: Date | undefined;
    let next = schedule.next(new Date(now.getTime() - window));
    while (next && next <= now) {
      found = next;
      next = schedule.next(next);
    }
    if (found) return found;
  }
  return undefined;
}

export const scheduleOf = ({ spec }: CronJob): Schedule => parseSchedule(spec?.schedule ?? '', spec?.timeZone);

/** The name of the Job of a time: two controllers that make it make one. */
export const jobName = ({ metadata }: CronJob, at: Date): string =>
  `${metadata.name}-${Math.floor(at.getTime() / 60_000)}`;

const startOf = ({ metadata, status }: Job): number =>
  Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '');

/** The finished Jobs that are more than the limits keep, oldest first. */
export function expired(cron: CronJob, jobs: readonly Job[]): Job[] {
  const { successfulJobsHistoryLimit: good, failedJobsHistoryLimit: bad } = cron.spec ?? {};
  const ended = (type: string): Job[] =>
    jobs.filter((job) => finalCondition(job)?.type === type).sort((a, b) => startOf(a) - startOf(b));
  const surplus = (list: Job[], limit: number | undefined): Job[] =>
    limit === undefined ? [] : list.slice(0, Math.max(0, list.length - limit));
  return [...surplus(ended('Complete'), good), ...surplus(ended('Failed'), bad)];
}
