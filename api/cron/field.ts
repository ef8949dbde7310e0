/** A part of a schedule that breaks the rules; the message says which. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** What a field of a schedule may hold, and the names that stand for numbers. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

/** The values that a field matches; `any` where it says nothing (`*`). */
export interface CronField {
  readonly any: boolean;
  readonly values: ReadonlySet<number>;
}

/** Reads `*`, `1-5`, `0/15`, `MON,WED`. Throws {@link ScheduleError}. */
export function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const { first, last, step, star } = parsePart(part, bounds);
    any ||= star;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  if (!values.size) throw new ScheduleError(`empty field: ${JSON.stringify(text)}`);
  return { any, values };
}

function parsePart(part: string, bounds: Bounds): { first: number; last: number; step: number; star: boolean } {
  const [range = '', stepText, ...rest] = part.split('/');
  if (rest.length) throw new ScheduleError(`too many slashes: ${part}`);
  const [low = '', high, ...more] = range.split('-');
  if (more.length) throw new ScheduleError(`too many hyphens: ${part}`);
  const star = low === '*' || low === '?';
  const first = star ? bounds.min : parseValue(low, bounds);
  // `N/step` goes from N to the end.
  const open = star || (stepText !== undefined && high === undefined);
  const last = open ? bounds.max : high === undefined ? first : parseValue(high, bounds);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (first < bounds.min)
    throw new ScheduleError(`beginning of range (${first}) below minimum (${bounds.min}): ${part}`);
  if (last > bounds.max) throw new ScheduleError(`end of range (${last}) above maximum (${bounds.max}): ${part}`);
  if (first > last) throw new ScheduleError(`beginning of range (${first}) beyond end of range (${last}): ${part}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${part}`);
  return { first, last, step, star: star && step === 1 };
}

function parseValue(text: string, { min, names }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + min : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}`);
  return Number(text);
}
