import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DispatchAnswer } from '../../domain/answers/dispatch.ts';
import { isFailure } from '../../domain/failure.ts';
import { leakWarnings } from '../../domain/leak-warnings.ts';
import {
  attribute,
  changedPaths,
  type Fingerprint,
  type Interval,
  type OutsideChange,
  type Snapshot,
  type Taken,
} from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { type Ask, fields } from '../git/ask.ts';
import { fingerprint } from './fingerprint.ts';
import type { OtherHands } from './overlapping.ts';

type Others = Snapshot['others'];
type Found = { readonly paths: readonly string[] } | { readonly fault: string };

/** More `git status` at once gain nothing on two cores. */
const atOnce = 4;
/** How long claude may be kept waiting for what others have, and the final record for what they have now. */
const patienceMs = { before: 20_000, after: 60_000 };
const late = { fault: 'there are too many worktrees, or git is too slow' };

/** The fingerprints of other checkouts before a run; one process for each. */
export const takeOthers = (
  ask: Ask,
  paths: readonly string[],
  limitMs = patienceMs.before,
): Promise<Others> =>
  several(paths, limitMs, async (path, isLate) => ({
    path,
    mark: markOf(path),
    taken: isLate ? late : await fingerprint(ask, path),
  }));

/** The files that changed in other checkouts, as far as they may be this run's doing, and what there is to say of it. */
export async function readLeaks(
  ask: Ask,
  others: Others,
  run: Interval,
  { runs: overlapping, isOurs }: OtherHands,
): Promise<{ readonly leaks: DispatchAnswer['leaks']; readonly warnings: readonly Warning[] }> {
  const isBusy = (path: string) =>
    overlapping.some((o) => o.worktree === path && o.from <= run.from && o.until === undefined);
  const compared = others.filter((other) => isSame(other) && !isBusy(other.path));
  const all = await several(compared, patienceMs.after, async (other, isLate) => ({
    other,
    worktree: other.path,
    found: isLate ? late : await changedIn(ask, other.path, other.taken),
  }));
  const looked = all.filter(({ other }) => isSame(other)); // it may have been removed under the look
  const changes = looked.flatMap(({ worktree, found }): OutsideChange[] =>
    'fault' in found
      ? []
      : found.paths
          .filter((path) => !isOurs(join(worktree, path)))
          .map((path) => ({ path, worktree, at: changedAt(join(worktree, path)) })),
  );
  const attribution = attribute(changes, run, overlapping);
  const faults = looked.flatMap(({ worktree, found }) =>
    'fault' in found ? [{ worktree, fault: found.fault }] : [],
  );
  return { leaks: [...attribution.leaks], warnings: leakWarnings(attribution, faults) };
}

/** Whether a checkout is still there; one that was removed, or has made way for another, has no files to compare. */
function isSame({ path, mark }: Others[number]): boolean {
  const now = markOf(path);
  return now !== undefined && (mark === undefined || mark === now);
}

/** Told by a linked worktree's `.git` file; the main checkout is always the same one. */
function markOf(path: string): string | undefined {
  try {
    const stats = lstatSync(join(path, '.git'), { bigint: true });
    return stats.isDirectory() ? 'main' : `${stats.ino} ${stats.mtimeNs}`;
  } catch {
    return undefined;
  }
}

/** When a file was last written, renamed or given another mode. */
function changedAt(path: string): number | undefined {
  try {
    return lstatSync(path).ctimeMs;
  } catch {
    return undefined;
  }
}

async function changedIn(ask: Ask, path: string, before: Taken): Promise<Found> {
  if ('fault' in before) return before;
  const after = await fingerprint(ask, path);
  if ('fault' in after) return after;
  const start = before.fingerprint;
  const end = after.fingerprint;
  if (changedPaths(start, end).length === 0) return { paths: [] };
  const moved = await movedPaths(ask, path, start, end);
  return 'fault' in moved ? moved : { paths: changedPaths(start, end, new Set(moved.paths)) };
}

/** What differs between the commits at HEAD then and now. */
async function movedPaths(ask: Ask, path: string, start: Fingerprint, end: Fingerprint): Promise<Found> {
  if (start.head === end.head || start.head === null || end.head === null) return { paths: [] };
  try {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', start.head, end.head, '--'];
    return await ask({ args, cwd: path, parse: ({ stdout }) => ({ paths: fields(stdout) }) });
  } catch (error) {
    if (isFailure(error)) return { fault: error.message };
    throw error;
  }
}

/** Does something with each, a few at a time; those that come up when the time is over are told so. */
async function several<T, R>(
  items: readonly T[],
  limitMs: number,
  work: (item: T, isLate: boolean) => Promise<R>,
): Promise<R[]> {
  const end = performance.now() + limitMs;
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      results[job[0]] = await work(job[1], performance.now() >= end);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
