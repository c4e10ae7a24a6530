import { existsSync } from 'node:fs';
import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { WorkDone } from '../../domain/dispatch-outcome.ts';
import { isFailure } from '../../domain/failure.ts';
import {
  changedPaths,
  type Fingerprint,
  isChanged,
  isDirtyAt,
  type Snapshot,
  type Taken,
} from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { type Ask, fields, line } from '../git/ask.ts';
import { fingerprint } from './fingerprint.ts';

/** Fingerprints of a run's worktree and of the others, a few at a time: more gain nothing on two cores. */
export async function takeSnapshot(ask: Ask, own: string, others: readonly string[]): Promise<Snapshot> {
  const taken = await several(others, async (path) => ({ path, taken: await fingerprint(ask, path) }));
  return { version: 1, own: await fingerprint(ask, own), others: taken };
}

/** What git shows of a run's work, and what changed outside its worktree. `busy` are checkouts with runs of their own. */
export async function readWorkDone(
  ask: Ask,
  record: DispatchRecord,
  snapshot: Snapshot | undefined,
  busy: ReadonlySet<string>,
): Promise<WorkDone> {
  const { worktree_path: own = '', start_sha: start } = record.dispatch;
  const now = await fingerprint(ask, own ?? '');
  const warnings: Warning[] = [];
  const leaks = snapshot === undefined ? [] : await readLeaks(ask, snapshot, busy, warnings);
  if ('fault' in now) {
    warnings.push({
      code: 'worktree_unreadable',
      message: `what the run left in ${own} could not be read: ${now.fault}`,
    });
    const unknown = { head: undefined, commits: undefined, uncommitted: undefined, changed: undefined };
    return { ...unknown, leaks, warnings };
  }
  const { head, branch } = now.fingerprint;
  if (branch !== record.dispatch.branch) {
    const named = (name: string | null) => (name === null ? 'a detached HEAD' : `'${name}'`);
    warnings.push({
      code: 'branch_changed',
      message: `the worktree is on ${named(branch)} now; the run began on ${named(record.dispatch.branch)}`,
    });
  }
  const commits = await countCommits(ask, start, head, warnings);
  const before = snapshot?.own;
  const known = before !== undefined && 'fingerprint' in before;
  if (before !== undefined && !known) {
    warnings.push({
      code: 'changes_unknown',
      message: `whether the run changed files could not be determined: ${before.fault}`,
    });
  }
  return {
    head: head ?? undefined,
    commits,
    uncommitted: isDirtyAt(now.fingerprint),
    changed: known ? isChanged(before.fingerprint, now.fingerprint) : undefined,
    leaks,
    warnings,
  };
}

/** Commits that HEAD has and the start had not; a start that is no ancestor any more is a warning. */
async function countCommits(ask: Ask, start: string | null, head: string | null, warnings: Warning[]) {
  if (head === null || start === null) return undefined;
  if (head === start) return 0;
  try {
    const [count, isAncestor] = await Promise.all([
      ask({
        args: ['rev-list', '--count', `${start}..${head}`, '--'],
        parse: (reply) => Number(line(reply)),
      }),
      ask({
        args: ['merge-base', '--is-ancestor', start, head],
        answers: [0, 1],
        parse: ({ exitCode }) => exitCode === 0,
      }),
    ]);
    if (!isAncestor) {
      warnings.push({
        code: 'history_rewritten',
        message: `the commit the run began at, ${start.slice(0, 10)}, is no longer in the history of HEAD`,
      });
    }
    return count;
  } catch (error) {
    if (!isFailure(error)) throw error;
    warnings.push({ code: 'commits_unknown', message: `the commits could not be counted: ${error.message}` });
    return undefined;
  }
}

async function readLeaks(ask: Ask, { others }: Snapshot, busy: ReadonlySet<string>, warnings: Warning[]) {
  const looked = await several(
    others.filter(({ path }) => !busy.has(path) && existsSync(path)), // one removed meanwhile has no files
    async ({ path, taken }) => ({ path, found: await leaksIn(ask, path, taken) }),
  );
  return looked.flatMap(({ path: worktree, found }) => {
    if (!('fault' in found)) return found.paths.map((path) => ({ path, worktree }));
    warnings.push({
      code: 'leaks_unknown',
      message: `whether files changed in ${worktree} could not be determined: ${found.fault}`,
    });
    return [];
  });
}

async function leaksIn(
  ask: Ask,
  path: string,
  before: Taken,
): Promise<{ readonly paths: readonly string[] } | { readonly fault: string }> {
  if ('fault' in before) return before;
  const after = await fingerprint(ask, path);
  if ('fault' in after) return after;
  const start = before.fingerprint;
  const end = after.fingerprint;
  if (changedPaths(start, end).length === 0) return { paths: [] };
  const moved = await movedPaths(ask, start, end);
  return 'fault' in moved ? moved : { paths: changedPaths(start, end, moved.paths) };
}

async function movedPaths(
  ask: Ask,
  start: Fingerprint,
  end: Fingerprint,
): Promise<{ readonly paths: ReadonlySet<string> } | { readonly fault: string }> {
  if (start.head === end.head || start.head === null || end.head === null) return { paths: new Set() };
  try {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', start.head, end.head, '--'];
    return await ask({ args, parse: ({ stdout }) => ({ paths: new Set(fields(stdout)) }) });
  } catch (error) {
    if (isFailure(error)) return { fault: error.message };
    throw error;
  }
}

async function several<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      results[job[0]] = await work(job[1]);
  };
  await Promise.all(Array.from({ length: Math.min(4, items.length) }, worker));
  return results;
}
