import { humanDuration } from '@skiff/api/human-duration';

/** The age of a time of an object; `<unknown>` where it has none. */
export function ageOf(time: string | undefined | null, now: Date): string {
  return time ? humanDuration(now.getTime() - Date.parse(time)) : '<unknown>';
}
