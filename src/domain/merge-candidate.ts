import type { DispatchAnswer } from './answers/dispatch.ts';
import { type Changes, isDirty } from './changes.ts';
import { isCompleteWithWork } from './dispatch.ts';
import { type Failure, failures } from './failure.ts';
import { isElsewhere, refusalByRun } from './run-evidence.ts';
import { isRunLock } from './run-lock.ts';
import type { Warning } from './warning.ts';
import { type Worktree, worktreeName } from './worktree.ts';

/** What decides whether the work of a worktree may land now. */
export type CandidateFacts = {
  readonly worktree: Worktree;
  readonly changes: Changes;
  /** What git is in the middle of there: HEAD is then not the work that is to land. */
  readonly operation: string | undefined;
  /** Its newest run. */
  readonly run: DispatchAnswer | undefined;
};

/** Why `merge -a` leaves a worktree out. */
export type SkipReason =
  | 'no_dispatch'
  | 'not_complete'
  | 'dirty'
  | 'running'
  | 'nothing_ahead'
  | 'locked'
  | 'occupied';

/** Why `-a` leaves it out, as far as it shows before the merge is judged; `occupied` is looked for after these. */
export function skipReason({ worktree, changes, operation, run }: CandidateFacts): SkipReason | undefined {
  const { locked } = worktree;
  if (run?.status === 'running') return 'running';
  if (run === undefined) return 'no_dispatch';
  if (!isCompleteWithWork(run)) return 'not_complete';
  if (isDirty(changes) || operation !== undefined) return 'dirty';
  return locked === undefined || isRunLock(locked) ? undefined : 'locked';
}

/** Why a worktree that was named may not land. */
export function landingRefusal({ worktree, changes, operation, run }: CandidateFacts): Failure | undefined {
  const name = worktreeName(worktree);
  const running = refusalByRun('merge', name, run);
  if (running !== undefined) return running();
  if (operation !== undefined) return failures.operationInProgress(operation, worktree.path);
  if (!isDirty(changes)) return undefined;
  return failures.dirtyWorktree(
    name,
    changes.paths,
    `wt merge ${name} --commit commits them first; wt diff ${name} shows them`,
  );
}

/** The same for a dry run, which judges what is committed. */
export function landingWarnings({ worktree, changes, operation, run }: CandidateFacts): Warning[] {
  const name = worktreeName(worktree);
  const warnings: Warning[] = [];
  if (run?.status === 'running') {
    const runs = isElsewhere(run) ? 'may be running, which cannot be told from here,' : 'is running';
    const message = `${run.dispatch_id ?? 'a dispatch'} ${runs} in ${name}; only what is committed was judged`;
    warnings.push({ code: 'dispatch_running', message });
  }
  if (operation !== undefined) {
    const { code, message } = failures.operationInProgress(operation, worktree.path);
    warnings.push({ code, message });
  }
  if (isDirty(changes)) {
    const message = `${name} has uncommitted changes; only what is committed was judged`;
    warnings.push({ code: 'uncommitted_not_judged', message });
  }
  return warnings;
}
