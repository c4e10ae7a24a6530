import { describe, expect, it } from 'vitest';
import { type KeptRun, retired } from '../../src/domain/run-retention.ts';

const dayMs = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-06-01T00:00:00Z');
const limits = { keepMs: 90 * dayMs, maxSize: 1000 };
const run = (id: string, days: number | undefined, size = 10, isNewest = false): KeptRun => ({
  id,
  finishedAt: days === undefined ? undefined : now - days * dayMs,
  size,
  isNewest,
});
const retiredIds = (...runs: KeptRun[]) => retired(runs, limits, now).map(({ id }) => id);

describe('runs are kept', () => {
  it('for 90 days, and go the oldest first', () => {
    expect(retiredIds(run('young', 89), run('old', 91), run('older', 200))).toEqual(['older', 'old']);
  });

  it('while they are not too much together: then the oldest go, until the rest fits', () => {
    expect(retiredIds(run('c', 2, 600), run('b', 3, 300), run('a', 4, 300))).toEqual(['a']);
    expect(retiredIds(run('c', 2, 1100), run('b', 3, 300), run('a', 4, 300))).toEqual(['a', 'b', 'c']);
  });

  it('whatever their age and size while they run, are the newest of a worktree, or ended within a day', () => {
    expect(
      retiredIds(run('runs', undefined, 5000), run('newest', 200, 5000, true), run('today', 0.9, 5000)),
    ).toEqual([]);
  });
});
