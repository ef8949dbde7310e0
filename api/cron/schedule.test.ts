import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule } from './schedule.ts';

const cases: readonly [string, string, string | undefined, string?][] = [
  ['*/5 * * * *', '2026-03-01T10:02:30Z', '2026-03-01T10:05:00Z'],
  ['*/5 * * * *', '2026-03-01T10:05:00Z', '2026-03-01T10:10:00Z'],
  ['0 0 1 1 *', '2026-03-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ['0 12 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T12:00:00Z'],
  ['0 0 30 2 *', '2026-03-01T00:00:00Z', undefined],
  ['30 8 * * MON-FRI', '2026-02-27T09:00:00Z', '2026-03-02T08:30:00Z'],
  // Both restricted: one is enough.
  ['0 0 13 * 5', '2026-03-01T00:00:00Z', '2026-03-06T00:00:00Z'],
  ['5/20 * * * *', '2026-03-01T10:26:00Z', '2026-03-01T10:45:00Z'],
  ['@hourly', '2026-03-01T10:26:00Z', '2026-03-01T11:00:00Z'],
  ['@every 1h30m', '2026-03-01T10:00:00.500Z', '2026-03-01T11:30:00Z'],
  ['0 8 * * *', '2026-07-01T00:00:00Z', '2026-07-01T06:00:00Z', 'Europe/Zurich'],
  ['0 8 * * *', '2026-01-01T00:00:00Z', '2026-01-01T07:00:00Z', 'Europe/Zurich'],
  // The clocks skip half past two on that day.
  ['30 2 * * *', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00Z', 'Europe/Zurich'],
  // And show it twice on this one.
  ['30 2 * * *', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z', 'Europe/Zurich'],
  ['30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z', 'Europe/Zurich'],
  ['0 0 * * *', '2026-03-01T00:00:00Z', '2026-03-01T10:00:00Z', 'Pacific/Honolulu'],
];

for (const [text, after, expected, zone] of cases) {
  test(`${text}${zone ? ` in ${zone}` : ''} comes after ${after} at ${expected ?? 'no time'}`, () => {
    const next = parseSchedule(text, zone).next(new Date(after));
    assert.equal(next?.toISOString().replace('.000', ''), expected);
  });
}

test('what is no schedule is refused', () => {
  const wrong = ['often', '* * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 7', '5-1 * * * *'];
  for (const text of [...wrong, '*/0 * * * *', '@sometimes', '@every soon', '1-2-3 * * * *', '1/2/3 * * * *', '']) {
    assert.throws(() => parseSchedule(text), { name: 'ScheduleError' }, text);
  }
  assert.throws(() => parseSchedule('* * * * *', 'Mars/Olympus'), { name: 'ScheduleError' });
});
