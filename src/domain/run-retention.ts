/** A run whose record could be read, with what its folder takes on disk. */
export type KeptRun = {
  readonly id: string;
  /** Milliseconds since 1970; `undefined` while it runs, or while not everybody was told of its end. */
  readonly finishedAt: number | undefined;
  /** Bytes. */
  readonly size: number;
  /** Whether it is the newest run of a worktree that is still there. */
  readonly isNewest: boolean;
};

export type RetentionLimits = {
  readonly keepMs: number;
  /** What all runs together may take, in bytes. */
  readonly maxSize: number;
};

const dayMs = 24 * 60 * 60 * 1000;

/** Finished runs are kept 90 days, or as long as all of them together take no more than 2 GB. */
export const retentionLimits: RetentionLimits = { keepMs: 90 * dayMs, maxSize: 2 * 1024 ** 3 };

/**
 * The runs whose folders may go, the oldest first: those whose time is over, and the oldest of those that are too
 * much together. What ended within a day stays, however large: its id must not be given again that day.
 */
export function retired(runs: readonly KeptRun[], limits: RetentionLimits, now: number): KeptRun[] {
  const oldestFirst = runs
    .filter(({ finishedAt, isNewest }) => finishedAt !== undefined && !isNewest && now - finishedAt >= dayMs)
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
  let size = runs.reduce((sum, run) => sum + run.size, 0);
  return oldestFirst.filter((run) => {
    const goes = size > limits.maxSize || now - (run.finishedAt ?? now) >= limits.keepMs;
    if (goes) size -= run.size;
    return goes;
  });
}
