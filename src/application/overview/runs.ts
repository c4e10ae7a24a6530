import { type DispatchRecord, newestFirst, newestRun } from '../../domain/dispatch.ts';
import { isElsewhere } from '../../domain/run-evidence.ts';
import type { Warning } from '../../domain/warning.ts';
import type { Worktree } from '../../domain/worktree.ts';
import type { Known } from '../../domain/worktree-state.ts';
import type { Hub } from '../ports.ts';

/** What is known of the newest run in a worktree. */
export type NewestRun = {
  /** `unknown` where its record cannot be read, or where its processes cannot be seen from here. */
  readonly record: Known<DispatchRecord | undefined>;
  /** The run of which nothing can be told but what its record says. */
  readonly elsewhere: DispatchRecord | undefined;
  readonly warnings: readonly Warning[];
};

/** The newest run of each worktree, as the evidence has it now. */
export async function newestRuns(
  hub: Hub,
  worktrees: readonly Worktree[],
): Promise<(worktree: Worktree) => NewestRun> {
  const [listed, unreadable] = await Promise.all([hub.runs.list(), hub.runs.unreadable()]);
  // Also those of worktrees that are gone, and those whose end nobody has told.
  const records = await Promise.all(
    listed.map((record) =>
      record.phase === 'ended' && record.announced && record.recording?.owed !== true
        ? record
        : hub.supervisors.reconcile(record),
    ),
  );
  const newest = new Map<string, DispatchRecord>();
  for (const worktree of worktrees) {
    const record = newestRun(records, worktree);
    if (record !== undefined) newest.set(worktree.path, record);
  }
  return ({ path }) => {
    const record = newest.get(path);
    const known = record?.dispatch.dispatch_id ?? '';
    const newer = unreadable.filter(({ dispatchId }) => known === '' || newestFirst(dispatchId, known) < 0);
    const elsewhere = record !== undefined && isElsewhere(record.dispatch) ? record : undefined;
    return {
      record: newer.length > 0 || elsewhere !== undefined ? 'unknown' : record,
      elsewhere,
      warnings: [
        ...newer.map(({ dispatchId, failure }) => ({
          code: 'run_unreadable',
          message: `${dispatchId} may have been here: ${failure.message}`,
        })),
        ...(record?.dispatch.warnings ?? []).filter(({ code }) => aboutNow.includes(code)),
      ],
    };
  };
}

// What a look at the run gave just now; the other warnings of a run are told by its own commands.
const aboutNow = ['run_elsewhere', 'not_reconciled'];
