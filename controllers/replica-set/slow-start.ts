/**
 * Runs `task` `count` times in batches of 1, 2, 4, ... and starts no further batch after one that had a failure, so that
 * a quota or a broken template costs one refused request instead of hundreds. Resolves with what was not even tried.
 */
export async function slowStart(
  count: number,
  task: () => Promise<void>,
): Promise<{ skipped: number; error: unknown | undefined }> {
  let remaining = count;
  for (let batch = 1; remaining > 0; batch = Math.min(2 * batch, remaining)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, task));
    remaining -= batch;
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) return { skipped: remaining, error: failed.reason };
  }
  return { skipped: 0, error: undefined };
}
