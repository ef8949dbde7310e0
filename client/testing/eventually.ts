import { setTimeout as delay } from 'node:timers/promises';

/** Tries until the check passes, and throws its last failure when it didn't in time. */
export async function eventually<T>(check: () => Promise<T> | T, { withinMs = 15_000 } = {}): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(5);
  }
}
