import type { EndedProcesses, ProcessIdentity } from '../../domain/process.ts';
import { realOrResolved } from '../folders.ts';
import type { Ending } from '../processes/end-tree.ts';
import { followFamily } from '../processes/family.ts';
import { isGone } from '../processes/table.ts';
import { endTree, here, livenessOf, processes } from '../processes.ts';
import { lookMs, type Supervised } from './supervised.ts';

export type Sweep = {
  /** Looks, now and then, what the root has started: a child that takes the marker off is known only by its parent. */
  readonly look: () => void;
  /** Ends everything the run started; a request to stop with less grace, made meanwhile, cuts it short. */
  readonly end: (graceMs: number) => Promise<EndedProcesses>;
};

/**
 * Ends a run's processes: its tree as it was seen, what carries its marker, and then what took the marker off, left
 * the tree between two looks and still sits in the worktree. That one is known by having been started after the
 * root and left to init: a person's shell there is somebody's child.
 */
export async function endRun(what: Ending, worktree: string | undefined): Promise<EndedProcesses> {
  const first = await endTree(what);
  const [root] = what.roots;
  if (root === undefined || worktree === undefined || livenessOf(root) === 'unknown') return first;
  const { table } = processes;
  const strays = table
    .rowsOf(table.inside(realOrResolved(worktree)) ?? [])
    .filter((row) => row.parent === 1 && !isGone(row) && isLater(row.startTime, root.start_time))
    .map((row) => ({ pid: row.pid, start_time: row.startTime, ...here() }));
  if (strays.length === 0) return first;
  const { graceMs, signal } = what;
  const second = await endTree({ roots: strays, graceMs, ...(signal === undefined ? {} : { signal }) });
  return {
    ended: [...first.ended, ...second.ended],
    survivors: [...first.survivors, ...second.survivors],
  };
}

/** Ticks since the boot on Linux, a date elsewhere. */
const isLater = (a: string, b: string): boolean =>
  /^\d+$/.test(a) ? Number(a) > Number(b) : Date.parse(a) > Date.parse(b);

/** `root` is what the run has started: claude, or the command that checks its work. */
export function openSweep(run: Supervised, root: ProcessIdentity | null): Sweep {
  const { marker, dispatch } = run.record();
  const worktree = dispatch.worktree_path ?? undefined;
  const { table } = processes;
  const family = followFamily(table, { roots: root === null ? [] : [root] });
  const everyMs = table.costly ? 10_000 : 1_000;
  let known: readonly ProcessIdentity[] = root === null ? [] : [root];
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    look: () => {
      if (root === null || performance.now() - lookedAt < everyMs) return;
      lookedAt = performance.now();
      const members = family.scan().map((row) => ({ pid: row.pid, start_time: row.startTime, ...here() }));
      known = [root, ...members];
    },
    end: async (graceMs) => {
      const startedAt = performance.now();
      const impatience = new AbortController();
      const watch = setInterval(() => {
        const asked = run.stopRequest();
        if (asked !== undefined && performance.now() - startedAt >= asked.graceMs) impatience.abort();
      }, lookMs);
      try {
        return await endRun({ roots: known, marker, graceMs, signal: impatience.signal }, worktree);
      } finally {
        clearInterval(watch);
      }
    },
  };
}
