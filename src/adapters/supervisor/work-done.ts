import type { DispatchRecord } from '../../domain/dispatch.ts';
import type { WorkDone } from '../../domain/dispatch-outcome.ts';
import { isFailure } from '../../domain/failure.ts';
import { isChanged, isDirtyAt, type Snapshot } from '../../domain/leaks.ts';
import type { Warning } from '../../domain/warning.ts';
import { type Ask, line } from '../git/ask.ts';
import { fingerprint } from './fingerprint.ts';
import { readLeaks, takeOthers } from './leaks.ts';
import type { OtherHands } from './overlapping.ts';

/** Fingerprints of a run's worktree and of the others. */
export async function takeSnapshot(ask: Ask, own: string, others: readonly string[]): Promise<Snapshot> {
  return { version: 1, own: await fingerprint(ask, own), others: await takeOthers(ask, others) };
}

/** What git shows of a run's work, and what changed outside its worktree; `finishedAt` is when claude had ended. */
export async function readWorkDone(
  ask: Ask,
  record: DispatchRecord,
  snapshot: Snapshot | undefined,
  others: OtherHands,
  finishedAt: Date,
): Promise<WorkDone> {
  const { worktree_path: own = '', start_sha: start } = record.dispatch;
  const now = await fingerprint(ask, own ?? '');
  const run = { from: Date.parse(record.dispatch.started_at ?? ''), until: finishedAt.getTime() };
  const outside =
    snapshot === undefined ? unseen(record) : await readLeaks(ask, snapshot.others, run, others);
  const { leaks } = outside;
  const warnings: Warning[] = [...outside.warnings];
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

/** Without a look at them before the run nothing can be said of other checkouts; a run without claude did nothing. */
const unseen = ({ dispatch: { pid, attempts } }: DispatchRecord) => ({
  leaks: [],
  warnings:
    pid === null && attempts.length === 0
      ? []
      : [
          {
            code: 'leaks_unknown',
            message:
              'whether files changed in other checkouts could not be determined: how they were is not known',
          },
        ],
});

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
