import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../manual-clock.ts';
import type { Probe } from '../pods/types.ts';
import { Prober, type ProberOptions } from './prober.ts';

/** Probes a program that answers as `answers` says at each time, in milliseconds since its start. */
function probing(probe: Probe, answers: (ms: number) => boolean, options: Partial<ProberOptions> = {}) {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const probed: number[] = [];
  const results: string[] = [];
  const failures: number[] = [];
  const elapsed = (): number => clock.now() - startedAt;
  const prober = new Prober({
    ...{ probe, clock, startedAt, initially: false },
    run: async () => {
      probed.push(elapsed());
      return { success: answers(elapsed()), output: '' };
    },
    onFailure: () => failures.push(elapsed()),
    onResult: (success) => results.push(`${elapsed()} ${success}`),
    ...options,
  });
  return { clock, prober, probed, results, failures };
}

describe('a prober', () => {
  it('probes after the initial delay and then every period', async () => {
    const { clock, probed } = probing({ initialDelaySeconds: 2, periodSeconds: 5 }, () => true);
    await clock.advance(12_000);
    assert.deepEqual(probed, [2000, 7000, 12_000]);
  });

  it('turns after so many equal outcomes in a row', async () => {
    const probe = { periodSeconds: 1, failureThreshold: 3, successThreshold: 2 };
    const { clock, results } = probing(probe, (ms) => ms < 3000 || ms === 4000 || ms > 8000);
    await clock.advance(12_000);
    assert.deepEqual(results, ['1000 true', '7000 false', '10000 true']);
  });

  it('does not go on after the first success where once is enough', async () => {
    const { clock, probed } = probing({ periodSeconds: 1 }, (ms) => ms >= 2000, { once: true });
    await clock.advance(10_000);
    assert.deepEqual(probed, [0, 1000, 2000]);
  });

  it('that is eager finds a program ready soon after it is, and counts no failure of its first period', async () => {
    const eager = probing({ periodSeconds: 2 }, (ms) => ms >= 400, { eager: true });
    await eager.clock.advance(5000);
    assert.deepEqual(eager.results, ['750 true']);
    assert.deepEqual(eager.probed, [0, 50, 150, 350, 750, 2750, 4750]);
    assert.deepEqual(eager.failures, []);
  });

  it('that is eager keeps to its period and tells of failures when the first period is over', async () => {
    const { clock, probed, failures } = probing({ periodSeconds: 1, failureThreshold: 2 }, () => false, {
      eager: true,
    });
    await clock.advance(4500);
    assert.deepEqual(probed, [0, 50, 150, 350, 750, 1550, 2550, 3550]);
    assert.deepEqual(failures, [1550, 2550, 3550]);
  });
});
