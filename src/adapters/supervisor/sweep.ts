import type { EndedProcesses, ProcessIdentity } from '../../domain/process.ts';
import { followFamily } from '../processes/family.ts';
import { endTree, here, processes } from '../processes.ts';
import { lookMs, type Supervised } from './supervised.ts';

export type Sweep = {
  /** Looks, now and then, what claude has started: a child that takes the marker off is known only by its parent. */
  readonly look: () => void;
  /** Ends everything the run started; a request to stop with less grace, made meanwhile, cuts it short. */
  readonly end: (graceMs: number) => Promise<EndedProcesses>;
};

export function openSweep(run: Supervised): Sweep {
  const { claude, marker } = run.record();
  const { table } = processes;
  const family = followFamily(table, { roots: claude === null ? [] : [claude] });
  const everyMs = table.costly ? 10_000 : 1_000;
  let known: readonly ProcessIdentity[] = claude === null ? [] : [claude];
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    look: () => {
      if (claude === null || performance.now() - lookedAt < everyMs) return;
      lookedAt = performance.now();
      const members = family.scan().map((row) => ({ pid: row.pid, start_time: row.startTime, ...here() }));
      known = [claude, ...members];
    },
    end: async (graceMs) => {
      const startedAt = performance.now();
      const impatience = new AbortController();
      const watch = setInterval(() => {
        const asked = run.stopRequest();
        if (asked !== undefined && performance.now() - startedAt >= asked.graceMs) impatience.abort();
      }, lookMs);
      try {
        return await endTree({ roots: known, marker, graceMs, signal: impatience.signal });
      } finally {
        clearInterval(watch);
      }
    },
  };
}
