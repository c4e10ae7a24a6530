import { lookMs, type StopWish, type Supervised } from './supervised.ts';

/**
 * Waits for a time of day, by the clock, since a machine may sleep meanwhile, but no longer than it seemed to be at
 * first, since a clock may be set back. Gives the request to stop that ended it.
 */
export async function waitUntil(run: Supervised, until: Date): Promise<StopWish | undefined> {
  const startedAt = performance.now();
  const most = until.getTime() - Date.now();
  for (;;) {
    run.catchUp();
    const asked = run.stopRequest();
    if (asked !== undefined) return asked;
    const left = Math.min(until.getTime() - Date.now(), most - (performance.now() - startedAt));
    if (left <= 0) return undefined;
    await run.idle(Math.min(left, left > 10_000 ? 1_000 : lookMs));
  }
}
