import { invalidValue, nonNegative, oneOf, required } from '@skiff/api/causes';
import { ScheduleError } from '@skiff/api/cron/field';
import { parseSchedule } from '@skiff/api/cron/schedule';
import { TimeZone } from '@skiff/api/cron/time-zone';
import type { StatusCause } from '@skiff/api/status';
import type { CronJob } from '@skiff/api/types';
import { validateJobTemplate } from '../job/validation.ts';

/** A Job's name is that of its CronJob and eleven characters more. */
const maxName = 52;

function validateSchedule(schedule: string | undefined): StatusCause[] {
  const field = 'spec.schedule';
  if (!schedule) return [required(field)];
  const causes: StatusCause[] = [];
  try {
    parseSchedule(schedule.replace(/^(CRON_)?TZ=\S+\s+/, ''));
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    causes.push(invalidValue(field, schedule, error.message));
  }
  if (schedule.includes('TZ')) {
    causes.push(invalidValue(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  }
  return causes;
}

/** Part of a name of the IANA database. */
const zonePart = /^[A-Za-z._0-9+-]{1,14}$/;

function validateTimeZone(zone: string | undefined): StatusCause[] {
  const field = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalidValue(field, zone, 'timeZone must be nil or non-empty string')];
  const malformed = zone
    .split('/')
    .some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part));
  if (malformed) return [invalidValue(field, zone, `unknown time zone ${zone}`)];
  const causes: StatusCause[] = [];
  if (zone.toLowerCase() === 'local') {
    const rule = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    causes.push(invalidValue(field, zone, rule));
  }
  // Go knows one by this very name.
  if (zone !== 'Local' && !TimeZone.named(zone)) causes.push(invalidValue(field, zone, `unknown time zone ${zone}`));
  return causes;
}

/** Upstream: validateCronJobSpec. */
export function validateCronJob({ spec }: CronJob): StatusCause[] {
  if (!spec) return [required('spec')];
  return [
    ...validateSchedule(spec.schedule),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...validateTimeZone(spec.timeZone),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(spec.jobTemplate.spec ?? { template: {} }, 'spec.jobTemplate.spec'),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
}

export const validateCronJobName = ({ metadata }: CronJob): StatusCause[] =>
  metadata.name.length > maxName
    ? [invalidValue('metadata.name', metadata.name, 'must be no more than 52 characters')]
    : [];
