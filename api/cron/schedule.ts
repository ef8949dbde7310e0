import { type CronField, parseField, ScheduleError } from './field.ts';
import { TimeZone } from './time-zone.ts';

/** When something is to happen again and again. */
export interface Schedule {
  /** The first time after this one; undefined where there is none (the 30th of February). */
  next(after: Date): Date | undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** A year that is no leap year may be followed by seven more. */
const yearsAhead = 8;

/**
 * Reads a schedule of a CronJob: `0 8 * * MON-FRI`, `@daily`, `@every 90m` (upstream: robfig/cron, ParseStandard). `timeZone`
 * is one of the IANA database. Throws {@link ScheduleError}.
 */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const zone = TimeZone.named(timeZone);
  if (!zone) throw new ScheduleError(`unknown time zone ${timeZone}`);
  const every = /^@every (.+)$/.exec(text)?.[1];
  if (every !== undefined) return new Interval(parseDuration(every));
  const expression = text.startsWith('@') ? descriptors[text] : text;
  if (expression === undefined) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const parts = expression.split(/\s+/).filter(Boolean);
  if (parts.length !== 5) {
    throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts;
  return new Calendar(zone, {
    minutes: parseField(minute, { min: 0, max: 59 }),
    hours: parseField(hour, { min: 0, max: 23 }),
    days: parseField(day, { min: 1, max: 31 }),
    months: parseField(month, { min: 1, max: 12, names: months }),
    weekdays: parseField(weekday, { min: 0, max: 6, names: weekdays }),
  });
}

interface Fields {
  readonly minutes: CronField;
  readonly hours: CronField;
  readonly days: CronField;
  readonly months: CronField;
  readonly weekdays: CronField;
}

class Calendar implements Schedule {
  readonly #zone: TimeZone;
  readonly #fields: Fields;

  constructor(zone: TimeZone, fields: Fields) {
    this.#zone = zone;
    this.#fields = fields;
  }

  next(after: Date): Date | undefined {
    const start = this.#zone.wallTime(after);
    const firstDay = Date.UTC(start.year, start.month - 1, start.day);
    for (let ahead = 0; ahead <= 366 * yearsAhead; ahead++) {
      const date = new Date(firstDay + ahead * 86_400_000);
      if (!this.#matchesDay(date)) continue;
      const found = this.#firstOn(date, after);
      if (found) return found;
    }
    return undefined;
  }

  /** `date` is midnight in UTC of a day as the zone's calendar has it. */
  #matchesDay(date: Date): boolean {
    const { days, months, weekdays } = this.#fields;
    if (!months.values.has(date.getUTCMonth() + 1)) return false;
    const byDate = days.values.has(date.getUTCDate());
    const byWeekday = weekdays.values.has(date.getUTCDay());
    // Where both are restricted, one of them is enough (crontab(5)).
    return days.any || weekdays.any ? byDate && byWeekday : byDate || byWeekday;
  }

  #firstOn(date: Date, after: Date): Date | undefined {
    const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    for (const hour of sorted(this.#fields.hours)) {
      // Hours that are over are passed by as a whole; no hour has more than two times sixty minutes.
      const begin = this.#zone.instant({ ...day, hour, minute: 0 });
      if (begin && begin.getTime() + 2 * 3_600_000 < after.getTime()) continue;
      for (const minute of sorted(this.#fields.minutes)) {
        const time = this.#zone.instant({ ...day, hour, minute });
        if (time && time > after) return time;
      }
    }
    return undefined;
  }
}

const sorted = ({ values }: CronField): number[] => [...values].sort((a, b) => a - b);

class Interval implements Schedule {
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  next(after: Date): Date {
    const time = after.getTime() + this.#milliseconds;
    return new Date(time - (after.getTime() % 1000));
  }
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Reads `1h30m`; at least a second. */
function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) throw new ScheduleError(`failed to parse duration @every ${text}`);
  let milliseconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
    milliseconds += Number(amount) * (units[unit] ?? 0);
  }
  return Math.max(1000, Math.floor(milliseconds / 1000) * 1000);
}
