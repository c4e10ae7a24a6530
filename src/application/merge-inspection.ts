import type { MergeAnswer } from '../domain/answers/merge.ts';
import { noChanges } from '../domain/changes.ts';
import { type DispatchRecord, newestRun } from '../domain/dispatch.ts';
import type { Failure } from '../domain/failure.ts';
import { type CandidateFacts, type SkipReason, skipReason } from '../domain/merge-candidate.ts';
import type { Warning } from '../domain/warning.ts';
import type { Worktree } from '../domain/worktree.ts';
import { occupantsOf } from './occupants.ts';
import type { Hub } from './ports.ts';
import { unrecordedRun } from './run-lock.ts';

/** The runs of a repository, read once for a batch. */
export type RunScene = {
  readonly runs: readonly DispatchRecord[];
  /** Why one of the runs is not among them. */
  readonly unreadable: Failure | undefined;
};

/** Finds out what decides whether the work of a worktree may land. */
export async function lookAt(
  hub: Hub,
  { runs, unreadable }: RunScene,
  worktree: Worktree,
  dryRun: boolean,
): Promise<CandidateFacts> {
  // A record that cannot be read may be that of a run which is at work here.
  if (unreadable !== undefined && !dryRun) throw unreadable;
  // Where the folder is gone only the commits are left.
  const changes = worktree.prunable === undefined ? await hub.git.changes(worktree.path) : noChanges;
  const operation = await hub.landings.operation(worktree);
  const newest = newestRun(runs, worktree);
  const run = newest === undefined ? undefined : (await asItIs(hub, newest, dryRun)).dispatch;
  return { worktree, changes, operation, run: unrecordedRun(hub, worktree, runs) ?? run };
}

/** A run whose supervisor is dead is brought to its end; a dry run only takes it for ended. */
const asItIs = ({ supervisors }: Hub, run: DispatchRecord, dryRun: boolean) =>
  dryRun ? supervisors.look(run) : supervisors.reconcile(run);

/** Why `-a` leaves a worktree out; what `--commit` would commit is no reason. */
export async function reasonToSkip(
  hub: Hub,
  facts: CandidateFacts,
  commits: boolean,
): Promise<Pick<MergeAnswer, 'status' | 'reason' | 'warnings'> | undefined> {
  const skipped = (reason: SkipReason, warnings: Warning[] = []) => ({
    status: 'skipped' as const,
    reason,
    warnings,
  });
  const reason = skipReason(facts);
  if (reason === 'dirty' && commits && facts.operation === undefined) return undefined;
  if (reason !== undefined) return skipped(reason);
  const { processes, warnings } = await occupantsOf(hub, facts.worktree.path);
  if (processes === undefined) return skipped('occupied', [...warnings]);
  return processes.length > 0 ? skipped('occupied') : undefined;
}
