import { describe, expect, it, vi } from 'vitest';
import type { Supervised } from '../../../src/adapters/supervisor/supervised.ts';
import { waitUntil } from '../../../src/adapters/supervisor/waiting.ts';

const idle = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const run = (more: Partial<Supervised> = {}) =>
  ({ catchUp: () => {}, stopRequest: () => undefined, idle, ...more }) as Supervised;
const hour = 3_600_000;

/** Waits for `ms` from now, with a clock that is set meanwhile. */
async function waited(ms: number, setBy: number): Promise<number> {
  const real = Date.now.bind(Date);
  const startedAt = performance.now();
  const until = new Date(real() + ms);
  let looks = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + (looks++ < 2 ? 0 : setBy));
  try {
    expect(await waitUntil(run(), until)).toBeUndefined();
  } finally {
    clock.mockRestore();
  }
  return performance.now() - startedAt;
}

describe('a wait for a time of day', () => {
  it('ends then', async () => {
    expect(await waited(120, 0)).toBeGreaterThanOrEqual(115);
    expect(await waited(-hour, 0)).toBeLessThan(100);
  });

  it('ends at once when the machine was asleep until then, and no later when the clock is set back', async () => {
    expect(await waited(hour, 2 * hour)).toBeLessThan(5_000);
    expect(await waited(120, -hour)).toBeLessThan(5_000);
  });

  it('is cut short by a request to stop', async () => {
    const asked = { cause: 'cancelled', graceMs: 0 } as const;
    let looks = 0;
    const stopRequest = () => (looks++ > 2 ? asked : undefined);
    const never = new Date(Date.now() + 1000 * hour);
    expect(await waitUntil(run({ stopRequest, idle: () => idle(1) }), never)).toBe(asked);
  });
});
