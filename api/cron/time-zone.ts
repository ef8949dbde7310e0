/** A point in time as the clocks of a place show it. Months are 1 to 12, Sunday is 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** A time zone of the IANA database, as `Europe/Zurich`. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  private constructor(format: Intl.DateTimeFormat) {
    this.#format = format;
  }

  /** Undefined where there is no such zone. */
  static named(name: string): TimeZone | undefined {
    try {
      return new TimeZone(
        new Intl.DateTimeFormat('en-US', {
          timeZone: name,
          hourCycle: 'h23',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
        }),
      );
    } catch {
      return undefined;
    }
  }

  wallTime(time: Date): WallTime {
    const parts = new Map(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    return {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
    };
  }

  /** When the clocks show this; undefined where they skip it. Where they show it twice, the first time. */
  instant(wall: WallTime): Date | undefined {
    const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
    // No clock is more than a day away from UTC, so that one of the offsets around it is the right one.
    const offsets = [-24, 24].map((hours) => this.#offset(asUtc + hours * 3_600_000));
    const found = [...new Set(offsets)]
      .map((offset) => asUtc - offset)
      .filter((time) => time + this.#offset(time) === asUtc)
      .sort((a, b) => a - b);
    return found[0] === undefined ? undefined : new Date(found[0]);
  }

  /** How far the clocks are ahead of UTC, in milliseconds. */
  #offset(time: number): number {
    const { year, month, day, hour, minute } = this.wallTime(new Date(time));
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(time / 60_000) * 60_000;
  }
}
